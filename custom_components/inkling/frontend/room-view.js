// @ts-check
/** A room as it is drawn: the feed and the newest states, cut to the day before and the day after now. */

import { DOOR_ROLES, MOVEMENT_ROLES } from "./room-ids.js";
import { lasting, merged, slots, spans, steps } from "./series.js";
import { DAY_MS, MINUTE_MS } from "./time.js";

/**
 * @typedef {object} RoomView
 * @property {import("./ribbon.js").Axis} axis
 * @property {import("./series.js").Step[]} past
 * @property {import("./series.js").Slot[]} ahead
 * @property {number | null} replayedUntil what lies before was judged afterwards
 * @property {number | null} current percent
 * @property {boolean | null} isOccupied
 * @property {import("./series.js").Span[]} occupied
 * @property {import("./series.js").Span[]} expected
 * @property {import("./series.js").Span[] | null} movement null without such a sensor
 * @property {import("./series.js").Span[] | null} doors
 * @property {string | null} reason
 * @property {{ isOccupied: boolean, t: number } | null} next the next change that may be told
 */

/** A forecast's moment is no more certain than this; its entity says the same. */
const MOMENT_MS = 5 * MINUTE_MS;
/** Nothing that can be read. */
const SILENT = new Set(["unknown", "unavailable", ""]);

/**
 * Return a state's text, null where it says nothing.
 * @param {any} hass
 * @param {string | undefined} id
 * @returns {string | null}
 */
const told = (hass, id) => {
  const state = id === undefined ? undefined : hass.states[id]?.state;
  return state === undefined || SILENT.has(state) ? null : state;
};

/**
 * Return an entity's history up to its newest state, which the recorder has a moment later.
 * @param {any} hass
 * @param {import("./room-feed.js").RoomFeed} feed
 * @param {string | undefined} id
 */
const pointsUpToNow = (hass, feed, id) => {
  if (id === undefined) return [];
  const known = feed.history.get(id) ?? [];
  const state = hass.states[id];
  const t = state ? Date.parse(state.last_changed) : 0;
  return state && t > (known.at(-1)?.t ?? 0) ? [...known, { t, state: state.state }] : known;
};

/**
 * Return the next change that the forecast has earned to tell.
 * @param {import("./room-feed.js").Forecast | null} forecast
 * @param {import("./series.js").Slot[]} ahead
 * @param {boolean | null} isOccupied
 */
const nextChange = (forecast, ahead, isOccupied) => {
  const moment = isOccupied ? forecast?.next_vacant : forecast?.next_occupied;
  if (isOccupied === null || !moment) return null;
  const t = Date.parse(moment);
  const slot = ahead.find(({ from, to }) => from <= t && t < to);
  return slot?.isShown ? { isOccupied: !isOccupied, t: Math.round(t / MOMENT_MS) * MOMENT_MS } : null;
};

/**
 * Return what is to be drawn of a room now.
 * @param {any} hass
 * @param {import("./room-feed.js").RoomFeed} feed
 * @param {number} now
 * @returns {RoomView}
 */
export const roomView = (hass, feed, now) => {
  const axis = { start: now - DAY_MS, now, end: now + DAY_MS };
  const entities = feed.room?.entities ?? {};
  const ahead = slots(feed.forecast?.forecast ?? [], now, axis.end);
  const state = told(hass, entities.occupancy);
  const isOccupied = state === null ? null : state === "on";
  const percent = told(hass, entities.probability);
  const shown = ahead.filter((slot) => slot.isShown && slot.isOccupied);
  const ofRoles = (/** @type {Set<string>} */ roles) => {
    const ids = (feed.room?.signals ?? []).filter(({ role }) => roles.has(role)).map((row) => row.entity_id);
    return ids.length === 0 ? null : spans(ids.map((id) => pointsUpToNow(hass, feed, id)), axis.start, now);
  };
  const judged = pointsUpToNow(hass, feed, entities.probability);
  const decided = pointsUpToNow(hass, feed, entities.occupancy);
  const began = Math.min(judged[0]?.t ?? now, now);
  const replayed = feed.replay === null ? [] : steps(feed.replay.probability, axis.start, began);
  return {
    axis,
    ahead,
    isOccupied,
    current: percent === null ? null : Number(percent),
    past: [...replayed.map((step) => ({ ...step, isReplayed: true })), ...steps(judged, axis.start, now)],
    replayedUntil: replayed.length === 0 ? null : began,
    occupied: merged([
      ...spans(feed.replay === null ? [] : [feed.replay.occupancy], axis.start, began),
      ...spans([decided], axis.start, now),
    ]),
    expected: shown.map(({ from, to }) => ({ from, to })),
    movement: ofRoles(MOVEMENT_ROLES),
    doors: ofRoles(DOOR_ROLES),
    reason: told(hass, entities.reason),
    next: nextChange(feed.forecast, ahead, isOccupied),
  };
};

/**
 * Return the ribbon in words.
 * @param {import("./localize.js").Translate} t
 * @param {import("./numbers.js").Numbers} numbers
 * @param {string} room
 * @param {RoomView} view
 */
export const ribbonText = (t, numbers, room, { current, occupied, expected, ahead }) => {
  const percent = current === null ? t("card.unknown") : numbers.percent(current);
  const past = t("card.chart_past", { room, percent, occupied: numbers.duration(lasting(occupied)) });
  const isKnown = ahead.some(({ isShown }) => isShown);
  const future = isKnown
    ? t("card.chart_ahead", { occupied: numbers.duration(lasting(expected)) })
    : t("card.chart_no_ahead");
  return `${past} ${future}`;
};
