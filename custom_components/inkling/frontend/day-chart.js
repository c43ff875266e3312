// @ts-check
/** Ribbon, rows and time axis as one chart, with a mark for now and a cursor to read any moment by. */

import { html, nothing } from "./lit.js";
import { ribbon, share } from "./ribbon.js";
import { ribbonText } from "./room-view.js";
import { lasting, meanPercent, percentAt } from "./series.js";
import { stripRow } from "./strips.js";
import { HOUR_MS, MINUTE_MS } from "./time.js";

/** A cursor's step: finer than anybody reads a day. */
export const STEP_MS = 5 * MINUTE_MS;
const MARK_HOURS = 6;

/**
 * @typedef {object} Chart
 * @property {import("./room-view.js").RoomView} view
 * @property {string} name of the room
 * @property {import("./localize.js").Translate} t
 * @property {import("./time.js").Clock} clock
 * @property {import("./numbers.js").Numbers} numbers
 * @property {boolean} hasStrips
 * @property {number | null} looked the moment under the cursor
 * @property {(moment: number | null) => void} look
 */

/**
 * Draw the chart.
 * @param {Chart} chart
 */
export const dayChart = (chart) => {
  const { view, name, t, clock, numbers } = chart;
  const { axis } = view;
  const marks = clock.marks(axis.start, axis.end, MARK_HOURS);
  return html`<div class=${chart.looked === null ? "chart" : "chart looking"} dir="ltr">
    <div class="captions">
      <span>${t("card.last_day")}</span><span class="now-pill">${t("card.now")}</span><span>${t("card.next_day")}</span>
    </div>
    <div class="scale" aria-hidden="true"><span>${numbers.percent(100)}</span><span>${numbers.percent(0)}</span></div>
    ${ribbon({ ...view, marks, label: ribbonText(t, numbers, name, view) })}
    ${chart.hasStrips ? strips(chart).map((strip) => stripRow(axis, strip)) : nothing}
    <div class="axis" aria-hidden="true">${marks.map((mark) => axisLabel(axis, mark))}</div>
    <div class="over">
      <div class="now-line" style="left:${share(axis, axis.now)}%"></div>
      ${cursor(chart)}${scrubber(chart)}
    </div>
  </div>`;
};

/**
 * Return the rows that this room has sensors for.
 * @param {Chart} chart
 * @returns {import("./strips.js").Strip[]}
 */
const strips = ({ view, t, numbers }) => {
  const row = (/** @type {string} */ kind, /** @type {string} */ icon, /** @type {any} */ past, /** @type {any} */ ahead) => {
    const label = t(`card.${kind}`);
    const key = kind === "doors" ? "card.strip_doors_told" : "card.strip_told";
    return { kind, icon, label, past, ahead, told: t(key, { name: label, duration: numbers.duration(lasting(past)) }) };
  };
  return [
    row("presence", "mdi:account", view.occupied, view.expected),
    ...(view.movement ? [row("movement", "mdi:walk", view.movement, [])] : []),
    ...(view.doors ? [row("doors", "mdi:door", view.doors, [])] : []),
  ];
};

/**
 * @param {import("./ribbon.js").Axis} axis
 * @param {import("./time.js").AxisMark} mark
 */
const axisLabel = (axis, { t, label, isMidnight, isMinor }) => {
  const left = share(axis, t);
  // A label at the edge would be cut off.
  if (left < 2.5 || left > 97.5) return nothing;
  return html`<span class="${isMidnight ? "day" : ""} ${isMinor ? "minor" : ""}" style="left:${left}%">${label}</span>`;
};

/**
 * Return what is known of a moment, in words.
 * @param {Chart} chart
 * @param {number} moment
 */
const toldAt = ({ view, t, clock, numbers }, moment) => {
  const percent = percentAt(view.past, view.ahead, moment);
  const time = clock.moment(moment);
  if (percent === null) return t("card.at_unknown", { time });
  return t(moment < view.axis.now ? "card.at_past" : "card.at_ahead", { time, percent: numbers.percent(percent) });
};

/** @param {Chart} chart */
const cursor = (chart) => {
  if (chart.looked === null) return nothing;
  const left = share(chart.view.axis, chart.looked);
  return html`<div class="cursor" style="left:${left}%"></div>
    <div class="bubble" style="left:${left}%;transform:translateX(-${left}%)" aria-hidden="true">${toldAt(chart, chart.looked)}</div>`;
};

/**
 * Lay a range input over the chart: pointers, touch, keys and screen readers know it.
 * @param {Chart} chart
 */
const scrubber = (chart) => {
  const { view, name, t, looked, look } = chart;
  const { start, now, end } = view.axis;
  const moment = looked ?? now;
  const at = (/** @type {any} */ event) => look(start + Number(event.target.value) * STEP_MS);
  const hover = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    look(start + ((event.clientX - box.left) / box.width) * (end - start));
  };
  return html`<input
    type="range"
    min="0"
    max=${Math.round((end - start) / STEP_MS)}
    .value=${String(Math.round((moment - start) / STEP_MS))}
    aria-label=${t("card.scrub", { room: name })}
    aria-valuetext=${toldAt(chart, moment)}
    @input=${at}
    @pointermove=${hover}
    @pointerleave=${() => look(null)}
    @blur=${() => look(null)}
  />`;
};

/**
 * Return the chart as a table, hour by hour, for those who do not see it.
 * @param {Chart} chart
 */
export const dayTable = ({ view, name, t, clock, numbers }) => {
  const { start, now, end } = view.axis;
  const rows = [];
  for (let from = start; from < end; from += HOUR_MS) {
    const known = from < now ? view.past : view.ahead.filter(({ isShown }) => isShown);
    const percent = meanPercent(known, from, from + HOUR_MS);
    rows.push({ from, kind: from < now ? "was" : "will", percent });
  }
  return html`<table class="hidden">
    <caption>${t("card.table_caption", { room: name })}</caption>
    <thead>
      <tr>${["time", "kind", "percent"].map((key) => html`<th scope="col">${t(`card.table_${key}`)}</th>`)}</tr>
    </thead>
    <tbody>
      ${rows.map(
        ({ from, kind, percent }) => html`<tr>
          <th scope="row">${clock.moment(from)}</th>
          <td>${t(`card.table_${kind}`)}</td>
          <td>${percent === null ? t("card.unknown") : numbers.percent(percent)}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
};
