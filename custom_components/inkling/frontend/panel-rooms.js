// @ts-check
/** All rooms at a glance: who is where, what comes, why, and each room's last and next day over one time axis. */

import { css, html, nothing } from "./lit.js";
import { note, openDetails, partsOf, soon, toIntegration } from "./panel-parts.js";
import { ribbon, share } from "./ribbon.js";
import { slots, steps } from "./series.js";
import { DAY_MS } from "./time.js";

const MARK_HOURS = 6;

/** @typedef {import("./panel-parts.js").Context} Context */

/**
 * Draw every room.
 * @param {Context} context
 * @param {import("./panel-feed.js").PanelFeed} feed
 */
export const roomsSection = (context, feed) => {
  const { t, parts, clock } = context;
  const rooms = partsOf(parts, "room", context.hass.language);
  const now = Date.now();
  const axis = { start: now - DAY_MS, now, end: now + DAY_MS };
  const marks = clock.marks(axis.start, axis.end, MARK_HOURS);
  const occupied = rooms.filter((room) => room.state === "occupied").length;
  return html`<section aria-labelledby="rooms">
    <h2 id="rooms">${t("rooms")} ${rooms.length ? html`<small>${t("rooms_occupied", { occupied, count: rooms.length })}</small>` : nothing}</h2>
    <div class="card">
      ${rooms.length === 0
        ? note(t("no_rooms"), { icon: "mdi:floor-plan", ...toIntegration(context) })
        : html`<ul class="rooms">
              ${rooms.map((room) => roomRow(context, feed, { room, axis, marks }))}
            </ul>
            ${axisRow(context, axis, marks)}`}
    </div>
  </section>`;
};

/**
 * Draw one room.
 * @param {Context} context
 * @param {import("./panel-feed.js").PanelFeed} feed
 * @param {{ room: any, axis: import("./ribbon.js").Axis, marks: import("./time.js").AxisMark[] }} drawn
 */
const roomRow = (context, feed, { room, axis, marks }) => {
  const { t, numbers } = context;
  const percent = room.probability ?? null;
  const isOn = room.state === "occupied";
  return html`<li class="room">
    <div class="told">
      <button class="head" aria-label=${t("details_of", { name: room.title })} @click=${(/** @type {any} */ event) => openDetails(event.target, room.entities.occupancy)}>
        <span class="badge ${isOn ? "on" : ""}"><ha-icon icon=${room.icon ?? (isOn ? "mdi:account" : "mdi:account-off-outline")} aria-hidden="true"></ha-icon></span>
        <span class="titles">
          <span class="title">${room.title}</span>
          <span class="state"><b>${stateText(t, room)}</b>${nextText(context, room)}</span>
        </span>
        <span class="percent">${percent === null ? nothing : numbers.percent(percent)}</span>
      </button>
      ${room.reason ? html`<p class="why quiet" title=${room.reason}>${room.reason}</p>` : nothing}
    </div>
    <div class="day" dir="ltr">
      ${ribbon({ ...shapes(feed, room, axis), axis, marks, current: percent, label: ribbonText(context, room) })}
      <div class="now" style="left:${share(axis, axis.now)}%" aria-hidden="true"></div>
    </div>
  </li>`;
};

/**
 * Return a room's last and next day as shapes.
 * @param {import("./panel-feed.js").PanelFeed} feed
 * @param {any} room
 * @param {import("./ribbon.js").Axis} axis
 */
const shapes = (feed, room, axis) => {
  const judged = feed.history.get(room.entities.probability) ?? [];
  const began = Math.min(judged[0]?.t ?? axis.now, axis.now);
  const replayed = steps(feed.replays.get(room.id) ?? [], axis.start, began);
  return {
    past: [...replayed.map((step) => ({ ...step, isReplayed: true })), ...steps(judged, axis.start, axis.now)],
    ahead: slots(feed.forecasts.get(room.id)?.forecast ?? [], axis.now, axis.end),
  };
};

/**
 * Return how a room stands.
 * @param {import("./localize.js").Translate} t
 * @param {any} room
 */
const stateText = (t, room) => {
  if (room.unknown) return t(`unknown_${room.unknown}`);
  return t(room.state === null ? "state_unknown" : `state_${room.state}`);
};

/**
 * Return what comes next, where that may be told.
 * @param {Context} context
 * @param {any} room
 */
const nextText = ({ t, clock }, room) => {
  if (!room.next?.at) return nothing;
  return ` · ${t(`next_${room.next.state}`, { time: soon(clock, Date.parse(room.next.at)) })}`;
};

/**
 * Return a room's ribbon in words.
 * @param {Context} context
 * @param {any} room
 */
const ribbonText = ({ t, numbers }, room) => {
  const percent = room.probability === null || room.probability === undefined ? t("state_unknown") : numbers.percent(room.probability);
  return t("ribbon_told", { room: room.title, percent });
};

/**
 * Draw the hours under the ribbons.
 * @param {Context} context
 * @param {import("./ribbon.js").Axis} axis
 * @param {import("./time.js").AxisMark[]} marks
 */
const axisRow = ({ t }, axis, marks) =>
  html`<div class="room axis-row">
    <p class="why quiet">${t("ribbon_legend")}</p>
    <div class="axis" dir="ltr" aria-hidden="true">
      ${marks.map((mark) => axisLabel(axis, mark))}
      <span class="at-now" style="left:${share(axis, axis.now)}%">${t("now")}</span>
    </div>
  </div>`;

/**
 * @param {import("./ribbon.js").Axis} axis
 * @param {import("./time.js").AxisMark} mark
 */
const axisLabel = (axis, { t, label, isMidnight }) => {
  const left = share(axis, t);
  // At the edges it would be cut off, and in the middle it would lie under "now".
  if (left < 3 || left > 97 || Math.abs(left - share(axis, axis.now)) < 5) return nothing;
  return html`<span class=${isMidnight ? "midnight" : ""} style="left:${left}%">${label}</span>`;
};

export const roomsStyles = css`
  .room {
    display: grid;
    grid-template-columns: minmax(280px, 5fr) 7fr;
    gap: 8px 24px;
    align-items: center;
    padding: 10px 20px 10px 12px;
    border-bottom: 1px solid var(--divider-color);
    --inkling-ribbon-height: 52px;
  }
  .room.axis-row {
    align-items: start;
    padding-block: 6px 10px;
    border-bottom: 0;
  }
  .told {
    min-width: 0;
  }
  .head {
    display: flex;
    gap: 12px;
    align-items: center;
    width: 100%;
    padding: 4px;
    border: 0;
    border-radius: 12px;
    background: none;
    color: inherit;
    font: inherit;
    text-align: start;
    cursor: pointer;
  }
  .head:hover {
    background: var(--inkling-ground-ahead);
  }
  .badge {
    display: grid;
    flex: none;
    place-items: center;
    width: 40px;
    height: 40px;
    border-radius: 50%;
    background: var(--inkling-ground);
    color: var(--inkling-quiet);
  }
  .badge.on {
    background: color-mix(in srgb, var(--inkling-color) 22%, transparent);
    color: var(--inkling-color);
  }
  .titles {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-width: 0;
  }
  .title {
    overflow: hidden;
    font-size: 16px;
    font-weight: 500;
    line-height: 22px;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .state {
    color: var(--inkling-quiet);
    font-size: 13px;
    line-height: 18px;
  }
  .state b {
    color: var(--primary-text-color);
    font-weight: 500;
  }
  .percent {
    flex: none;
    font-size: 22px;
    font-variant-numeric: tabular-nums;
    line-height: 28px;
  }
  .why {
    display: -webkit-box;
    overflow: hidden;
    margin: 0 4px 0 56px;
    font-size: 12px;
    line-height: 16px;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }
  .day {
    position: relative;
  }
  .day .dot {
    box-sizing: content-box;
  }
  .now {
    position: absolute;
    top: -10px;
    bottom: -11px;
    width: 0;
    border-inline-start: 1px solid color-mix(in srgb, var(--primary-text-color) 55%, transparent);
  }
  .axis {
    position: relative;
    height: 16px;
    font-size: 12px;
    line-height: 16px;
  }
  .axis span {
    position: absolute;
    color: var(--inkling-quiet);
    transform: translateX(-50%);
    white-space: nowrap;
  }
  .axis .midnight,
  .axis .at-now {
    color: var(--primary-text-color);
    font-weight: 500;
  }
  @container panel (max-width: 760px) {
    .room {
      grid-template-columns: 1fr;
      padding-inline: 12px;
      --inkling-ribbon-height: 40px;
    }
    .axis-row > .why {
      grid-row: 2;
      margin-inline-start: 0;
    }
    .now {
      top: 0;
      bottom: 0;
    }
  }
`;
