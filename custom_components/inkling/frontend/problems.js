// @ts-check
/** What keeps a card from showing everything, each as the key of one sentence. */

/** @typedef {{ key: string, values?: Record<string, string> }} Problem */

/** @param {any} hass @param {string} id */
const isKnown = (hass, id) => id in hass.states || id in (hass.entities ?? {});

/**
 * Return why nothing of a room can be shown, null when something can.
 * @param {any} hass
 * @param {string | undefined} entity
 * @param {import("./room-feed.js").RoomFeed} feed
 * @returns {Problem | null}
 */
export const obstacle = (hass, entity, feed) => {
  if (!entity) return { key: "card.no_entity" };
  if (!isKnown(hass, entity)) return { key: "card.entity_gone", values: { entity } };
  const platform = hass.entities?.[entity]?.platform;
  if (platform !== undefined && platform !== "inkling") return { key: "card.not_inkling", values: { entity } };
  return feed.failed === "room" ? { key: "card.not_running" } : null;
};

/**
 * Return what is missing of a room that is shown.
 * @param {any} hass
 * @param {import("./room-feed.js").RoomFeed} feed
 * @param {import("./room-view.js").RoomView} view
 * @param {import("./time.js").Clock} clock
 * @returns {Problem[]}
 */
export const gaps = (hass, feed, { ahead, replayedUntil }, clock) => {
  /** @type {Problem[]} */
  const found = [];
  if (replayedUntil !== null) found.push({ key: "card.replayed", values: { time: clock.moment(replayedUntil) } });
  if (!hass.config.components.includes("history")) found.push({ key: "card.no_history" });
  else if (feed.failed === "history") found.push({ key: "card.history_failed" });
  if (feed.failed === "forecast") found.push({ key: "card.forecast_failed" });
  else if (feed.forecast) found.push(...forecastGaps(feed.forecast.unknown, ahead));
  return found;
};

/**
 * Return why a forecast is not shown, or not all of it.
 * @param {string | null} unknown
 * @param {import("./series.js").Slot[]} ahead
 * @returns {Problem[]}
 */
const forecastGaps = (unknown, ahead) => {
  if (unknown !== null) return [{ key: `card.forecast_${unknown}` }];
  const shown = ahead.filter(({ isShown }) => isShown).length;
  if (shown === 0) return [{ key: "card.forecast_hidden" }];
  return shown < ahead.length ? [{ key: "card.forecast_partly" }] : [];
};
