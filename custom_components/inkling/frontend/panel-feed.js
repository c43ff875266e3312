// @ts-check
/** What the backend knows of the home: its parts as they change, each room's last day and newest forecast. */

import { joined, pointsOf } from "./series.js";
import { DAY_MS, HOUR_MS } from "./time.js";

const RETRY_MS = 10_000;
/** Who lost the connection begins anew, see `again`. */
const ONCE = { resubscribe: false };

/**
 * End a subscription; one that ended with the connection is no news.
 * @param {() => any} end
 */
const leave = (end) => Promise.resolve(end()).catch(() => {});

/** Follows the home; everything it learns ends in one call of `changed`. */
export class PanelFeed {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {Record<string, any>} */
    this.parts = {};
    this.isComplete = false;
    this.hasFailed = false;
    /** @type {Map<string, import("./series.js").Point[]>} by entity */
    this.history = new Map();
    /** @type {Map<string, import("./room-feed.js").Forecast>} by room */
    this.forecasts = new Map();
    /** @type {Map<string, import("./series.js").Point[]>} a room's day before it was judged, judged afterwards */
    this.replays = new Map();
    this.followed = "";
    /** @type {(() => void)[]} */
    this.ends = [];
    /** @type {(() => void)[]} */
    this.roomEnds = [];
    this.isRunning = false;
  }

  /**
   * Begin to follow.
   * @param {any} hass
   */
  async start(hass) {
    if (this.isRunning) return;
    this.isRunning = true;
    const again = () => this.again(hass);
    hass.connection.addEventListener("ready", again);
    this.ends.push(() => hass.connection.removeEventListener("ready", again));
    const take = (/** @type {any} */ event) => this.take(hass, event);
    try {
      const end = await hass.connection.subscribeMessage(take, { type: "inkling/subscribe_overview" }, ONCE);
      if (this.isRunning) this.ends.push(end);
      else leave(end);
      this.hasFailed = false;
    } catch {
      if (!this.isRunning) return;
      this.hasFailed = true;
      this.retry = setTimeout(again, RETRY_MS);
    }
    this.changed();
  }

  /**
   * Begin anew: after a restart Home Assistant answers before Inkling does, and nobody reloads the page for it.
   * @param {any} hass
   */
  again(hass) {
    this.stop();
    this.parts = {};
    this.isComplete = false;
    this.start(hass);
  }

  /**
   * Take over what changed.
   * @param {any} hass
   * @param {{ parts: Record<string, any>, waiting: number }} event
   */
  take(hass, { parts, waiting }) {
    const next = { ...this.parts, ...parts };
    for (const [key, part] of Object.entries(next)) if (part === null) delete next[key];
    this.parts = next;
    if (waiting === 0) {
      this.isComplete = true;
      this.followRooms(hass);
    }
    this.changed();
  }

  /**
   * Follow the last and the next day of the rooms that there are.
   * @param {any} hass
   */
  followRooms(hass) {
    const rooms = Object.entries(this.parts).filter(([key]) => key === "home" || key.startsWith("room/"));
    const wanted = rooms.map(([, room]) => `${room.id} ${room.entities.probability ?? ""}`).join();
    if (wanted === this.followed) return;
    this.followed = wanted;
    this.leaveRooms();
    const ids = rooms.map(([, room]) => room.entities.probability).filter(Boolean);
    if (ids.length > 0 && hass.config.components.includes("history")) {
      this.past(hass, ids, rooms.map(([, room]) => room));
    }
    for (const [, room] of rooms) {
      if (!room.entities.occupancy) continue;
      const message = { type: "inkling/subscribe_forecast", entity_id: room.entities.occupancy };
      this.listen(hass, message, (answer) => this.forecasts.set(room.id, answer));
    }
  }

  /**
   * Follow the history of all rooms at once.
   * @param {any} hass
   * @param {string[]} ids
   * @param {any[]} rooms
   */
  past(hass, ids, rooms) {
    const message = {
      type: "history/stream",
      entity_ids: ids,
      start_time: new Date(Date.now() - DAY_MS).toISOString(),
      minimal_response: true,
      significant_changes_only: false,
      no_attributes: true,
    };
    let isFirst = true;
    this.listen(hass, message, ({ states }) => {
      const start = Date.now() - DAY_MS;
      for (const [id, rows] of Object.entries(states)) {
        this.history.set(id, joined(this.history.get(id) ?? [], pointsOf(rows), start));
      }
      if (isFirst) this.replay(hass, rooms, start);
      isFirst = false;
    });
  }

  /**
   * Have the last day of new rooms judged afterwards, one room at a time: on its first day a ribbon would be empty.
   * @param {any} hass
   * @param {any[]} rooms
   * @param {number} start
   */
  async replay(hass, rooms, start) {
    const { followed } = this;
    for (const { id, entities } of rooms) {
      const first = this.history.get(entities.probability)?.[0];
      if (id === this.parts.home?.id || !entities.occupancy || (first && first.t < start + HOUR_MS)) continue;
      const judged = await hass.callWS({ type: "inkling/past", entity_id: entities.occupancy }).catch(() => null);
      if (!this.isRunning || this.followed !== followed) return;
      if (!judged) continue;
      const stateAt = (/** @type {number} */ i) => String(judged.percents[i] ?? "unknown");
      this.replays.set(id, judged.times.map((/** @type {number} */ t, /** @type {number} */ i) => ({ t: t * 1000, state: stateAt(i) })));
      this.changed();
    }
  }

  /**
   * Subscribe until the rooms are others; what cannot be had is left out, and the rest is shown.
   * @param {any} hass
   * @param {object} message
   * @param {(answer: any) => void} take
   */
  async listen(hass, message, take) {
    const { followed } = this;
    const isWanted = () => this.isRunning && this.followed === followed;
    try {
      const end = await hass.connection.subscribeMessage((/** @type {any} */ answer) => {
        if (!isWanted()) return;
        take(answer);
        this.changed();
      }, message, ONCE);
      if (isWanted()) this.roomEnds.push(end);
      else leave(end);
    } catch (error) {
      console.warn("Inkling's panel goes on without", message, error);
    }
  }

  /** Leave the rooms. */
  leaveRooms() {
    for (const end of this.roomEnds.splice(0)) leave(end);
    this.history = new Map();
    this.forecasts = new Map();
    this.replays = new Map();
  }

  /** Leave the home. */
  stop() {
    this.isRunning = false;
    clearTimeout(this.retry);
    for (const end of this.ends.splice(0)) leave(end);
    this.followed = "";
    this.leaveRooms();
  }
}
