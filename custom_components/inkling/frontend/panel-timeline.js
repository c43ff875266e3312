// @ts-check
/** Findings over time: a lane for each sensor, a mark when something would have been said, a line since when it was so. */

import { css, html, nothing } from "./lit.js";
import { faultText, iconOf, nameOf, toneOf } from "./panel-parts.js";
import { DAY_MS } from "./time.js";

/** @typedef {import("./panel-parts.js").Context} Context */

const MOST_MARKS = 8;

/**
 * Draw the timeline.
 * @param {Context} context
 * @param {{ start: string, end: string, days: number, judged_days: number, alarms: any[] }} result
 */
export const timeline = (context, result) => {
  const { t, clock, hass } = context;
  const [start, end] = [Date.parse(result.start), Date.parse(result.end)];
  const place = (/** @type {number} */ moment) => Math.min(100, Math.max(0, ((moment - start) / (end - start)) * 100));
  const learned = place(start + (result.days - result.judged_days) * DAY_MS);
  const lanes = Object.entries(Object.groupBy(result.alarms, ({ entity }) => entity));
  return html`<div class="timeline" dir="ltr" role="img" aria-label=${t("timeline_told", { count: result.alarms.length })}>
    ${(lanes.length ? lanes : [["", []]]).map(
      ([entity, alarms]) => html`<div class="lane">
        <span class="lane-name">${entity ? nameOf(hass, entity) : nothing}</span>
        <div class="track">
          ${learned > 0 ? html`<div class="learning" style="width:${learned}%" title=${t("timeline_learning")}></div>` : nothing}
          ${(alarms ?? []).map((alarm) => marks(context, alarm, place))}
        </div>
      </div>`,
    )}
    <div class="lane">
      <span class="lane-name">${learned > 0 ? html`<span class="learning key"></span>${t("timeline_learning")}` : nothing}</span>
      <div class="days">${dayMarks(clock, start, end).map(({ moment, label }) => html`<span style="left:${place(moment)}%">${label}</span>`)}</div>
    </div>
  </div>`;
};

/**
 * Draw one finding.
 * @param {Context} context
 * @param {any} alarm
 * @param {(moment: number) => number} place
 */
const marks = ({ clock, hass }, alarm, place) => {
  const [since, raised] = [place(Date.parse(alarm.since)), place(Date.parse(alarm.raised))];
  const text = `${clock.moment(Date.parse(alarm.raised))}: ${faultText(hass, alarm.type)}`;
  return html`<div class="since ${toneOf(alarm.severity)}" style="left:${since}%;width:${raised - since}%"></div>
    <div class="mark ${toneOf(alarm.severity)}" style="left:${raised}%" title=${text}></div>`;
};

/**
 * Return some days, evenly, each with its date.
 * @param {import("./time.js").Clock} clock
 * @param {number} start
 * @param {number} end
 */
const dayMarks = (clock, start, end) => {
  const step = Math.max(1, Math.ceil((end - start) / DAY_MS / MOST_MARKS)) * DAY_MS;
  const found = [];
  for (let moment = start + step / 2; moment < end; moment += step) found.push({ moment, label: clock.dayMonth(moment) });
  return found;
};

/**
 * Draw the findings as a list, for those who want the evidence or do not see the timeline.
 * @param {Context} context
 * @param {any[]} alarms
 */
export const findingsList = ({ t, clock, hass }, alarms) => {
  if (alarms.length === 0) return nothing;
  return html`<h2 class="list-title">${t("findings")}</h2>
    <ol class="card list">
      ${alarms.map(
        (alarm) => html`<li class=${toneOf(alarm.severity)}>
          <ha-icon icon=${iconOf(alarm.severity)} aria-hidden="true"></ha-icon>
          <div>
            <h3>${nameOf(hass, alarm.entity)} <span class="chip ${toneOf(alarm.severity)}">${t(`severity_${alarm.severity}`)}</span> <span class="chip">${faultText(hass, alarm.type)}</span></h3>
            <p class="quiet">${t("finding_when", { time: clock.time(Date.parse(alarm.raised)), date: clock.date(Date.parse(alarm.raised)) })}</p>
            <p>${alarm.evidence}</p>
          </div>
        </li>`,
      )}
    </ol>`;
};

export const timelineStyles = css`
  .timeline {
    padding: 0 20px 16px 16px;
  }
  .lane {
    display: grid;
    grid-template-columns: minmax(120px, 220px) 1fr;
    gap: 12px;
    align-items: center;
  }
  .lane-name {
    display: flex;
    gap: 8px;
    align-items: center;
    overflow: hidden;
    font-size: 13px;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .track {
    position: relative;
    height: 28px;
    margin-block: 2px;
    border-radius: 6px;
    background: var(--inkling-ground);
  }
  .learning {
    position: absolute;
    inset-block: 0;
    left: 0;
    border-radius: 6px 0 0 6px;
    background: repeating-linear-gradient(-45deg, color-mix(in srgb, var(--primary-text-color) 22%, transparent) 0 1px, transparent 1px 6px);
  }
  .learning.key {
    position: static;
    flex: none;
    width: 20px;
    height: 12px;
    border-radius: 3px;
  }
  .since {
    position: absolute;
    top: 12px;
    height: 4px;
    border-radius: 2px;
    background: color-mix(in srgb, var(--primary-text-color) 45%, transparent);
  }
  .since.bad {
    background: color-mix(in srgb, var(--error-color, #db4437) 55%, transparent);
  }
  .since.warn {
    background: color-mix(in srgb, var(--warning-color, #ffa600) 60%, transparent);
  }
  .mark {
    position: absolute;
    top: 7px;
    width: 14px;
    height: 14px;
    margin-inline-start: -7px;
    border: 2px solid var(--card-background-color, #fff);
    border-radius: 50%;
    background: var(--inkling-quiet);
  }
  .mark.bad {
    border-radius: 2px;
    background: var(--error-color, #db4437);
  }
  .mark.warn {
    background: var(--warning-color, #ffa600);
    transform: rotate(45deg);
    border-radius: 2px;
  }
  .days {
    position: relative;
    height: 18px;
    color: var(--inkling-quiet);
    font-size: 12px;
  }
  .days span {
    position: absolute;
    transform: translateX(-50%);
    white-space: nowrap;
  }
  .list-title {
    margin-top: 24px;
  }
  .list {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .list li {
    display: flex;
    gap: 12px;
    padding: 14px 16px;
    border-bottom: 1px solid var(--divider-color);
  }
  .list li:last-child {
    border-bottom: 0;
  }
  .list ha-icon {
    flex: none;
    color: var(--inkling-quiet);
  }
  .list .bad > ha-icon {
    color: var(--inkling-bad);
  }
  .list .warn > ha-icon {
    color: var(--inkling-warn);
  }
  @container (max-width: 600px) {
    .lane {
      grid-template-columns: 1fr;
      gap: 0;
    }
    .days span:nth-child(even) {
      display: none;
    }
  }
`;
