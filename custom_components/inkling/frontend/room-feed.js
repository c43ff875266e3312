// @ts-check
/** What the backend knows of one room: its entities, its history as it goes on, and each new forecast. */

import { historyIds, ownIds } from "./room-ids.js";
import { joined, pointsOf } from "./series.js";
import { DAY_MS, HOUR_MS } from "./time.js";

/** @typedef {import("./series.js").Point} Point */

/**
 * @typedef {object} Room
 * @property {string} id
 * @property {"room" | "home"} kind
 * @property {string} name
 * @property {Record<string, string>} entities by what they say
 * @property {{ entity_id: string, name: string, role: string }[]} signals
 */

/**
 * @typedef {object} Forecast
 * @property {string | null} unknown why there is none
 * @property {string | null} next_occupied
 * @property {string | null} next_vacant
 * @property {{ datetime: string, probability: number, is_occupied: boolean, is_shown: boolean }[]} forecast
 */

/** @typedef {{ probability: Point[], occupancy: Point[] }} Replay a day judged afterwards */

const RETRY_MS = 10_000;

/** Follows one room; everything it learns ends in one call of `changed`. */
export class RoomFeed {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Room | null} */
    this.room = null;
    /** @type {Forecast | null} */
    this.forecast = null;
    /** @type {Map<string, Point[]>} */
    this.history = new Map();
    /** @type {"room" | "forecast" | "history" | null} what could not be had */
    this.failed = null;
    this.hasHistory = false;
    this.isReplayAsked = false;
    /** @type {Replay | null} */
    this.replay = null;
    /** @type {string | null} */
    this.entityId = null;
    /** @type {(() => void)[]} */
    this.ends = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.retry = undefined;
  }

  /**
   * Follow the room an entity is about, unless it is followed already.
   * @param {any} hass
   * @param {string} entityId
   */
  follow(hass, entityId) {
    if (this.entityId === entityId) return;
    this.stop();
    this.entityId = entityId;
    this.begin(hass, entityId);
  }

  /**
   * Ask for everything at once; only what moved in the room waits until its sensors are known.
   * @param {any} hass
   * @param {string} entityId
   */
  async begin(hass, entityId) {
    const isWanted = () => this.entityId === entityId;
    const question = { type: "inkling/subscribe_forecast", entity_id: entityId };
    this.listen(hass, question, "forecast", (answer) => {
      this.forecast = answer;
    });
    const own = ownIds(hass, entityId);
    this.past(hass, own);
    try {
      const room = await hass.callWS({ type: "inkling/room", entity_id: entityId });
      if (!isWanted()) return;
      this.room = room;
      if (this.failed === "room") this.failed = null;
      this.past(hass, historyIds(room).filter((id) => !own.includes(id)));
      this.replayNew(hass);
    } catch {
      if (!isWanted()) return;
      this.failed = "room";
      // A reload of the integration takes seconds, and nobody reloads the page for it.
      this.retry = setTimeout(() => this.again(hass), RETRY_MS);
    }
    this.changed();
  }

  /**
   * Follow the history of some entities, where it is kept.
   * @param {any} hass
   * @param {string[]} ids
   */
  past(hass, ids) {
    if (ids.length === 0 || !hass.config.components.includes("history")) return;
    const message = {
      type: "history/stream",
      entity_ids: ids,
      start_time: new Date(Date.now() - DAY_MS).toISOString(),
      minimal_response: true,
      significant_changes_only: false,
      no_attributes: true,
    };
    this.listen(hass, message, "history", ({ states }) => {
      const start = Date.now() - DAY_MS;
      for (const [id, rows] of Object.entries(states)) {
        this.history.set(id, joined(this.history.get(id) ?? [], pointsOf(rows), start));
      }
      this.hasHistory = true;
      this.replayNew(hass);
    });
  }

  /**
   * Have the last day of a room judged afterwards that was not judged then: on its first day a ribbon would be empty.
   * @param {any} hass
   */
  async replayNew(hass) {
    const { room } = this;
    if (room === null || !this.hasHistory || this.isReplayAsked) return;
    this.isReplayAsked = true;
    const first = this.history.get(room.entities.probability)?.[0];
    if (room.kind !== "room" || (first && first.t < Date.now() - DAY_MS + HOUR_MS)) return;
    const entity = room.entities.occupancy ?? this.entityId;
    const judged = await hass.callWS({ type: "inkling/past", entity_id: entity }).catch(() => null);
    if (!judged || this.room !== room) return;
    const points = (/** @type {(i: number) => string} */ stateAt) =>
      judged.times.map((/** @type {number} */ t, /** @type {number} */ i) => ({ t: t * 1000, state: stateAt(i) }));
    this.replay = {
      probability: points((i) => String(judged.percents[i] ?? "unknown")),
      occupancy: points((i) => (judged.occupied[i] ? "on" : "off")),
    };
    this.changed();
  }

  /**
   * Subscribe until this room is left.
   * @param {any} hass
   * @param {object} message
   * @param {"forecast" | "history"} what
   * @param {(answer: any) => void} take
   */
  async listen(hass, message, what, take) {
    const { entityId } = this;
    const isWanted = () => this.entityId === entityId;
    try {
      const end = await hass.connection.subscribeMessage((/** @type {any} */ answer) => {
        if (!isWanted()) return;
        take(answer);
        this.changed();
      }, message);
      if (isWanted()) this.ends.push(end);
      else await end();
    } catch {
      if (!isWanted()) return;
      this.failed ??= what;
      this.changed();
    }
  }

  /**
   * Begin anew.
   * @param {any} hass
   */
  again(hass) {
    const { entityId } = this;
    this.stop();
    if (entityId !== null) this.follow(hass, entityId);
  }

  /** Leave the room. */
  stop() {
    clearTimeout(this.retry);
    for (const end of this.ends.splice(0)) Promise.resolve(end()).catch(() => {});
    this.entityId = null;
    this.failed = null;
    this.room = null;
    this.forecast = null;
    this.hasHistory = false;
    this.isReplayAsked = false;
    this.replay = null;
    this.history = new Map();
  }

  /**
   * Return the history of several entities.
   * @param {string[]} ids
   * @returns {Point[][]}
   */
  pointsOf(ids) {
    return ids.map((id) => this.history.get(id) ?? []);
  }
}
