// @ts-check
/** Which entities of a room are drawn. */

/** Roles that a card shows under its ribbon. */
export const MOVEMENT_ROLES = new Set(["motion", "presence", "vibration"]);
export const DOOR_ROLES = new Set(["door"]);
/** The room's own entities that are drawn, by their translation keys. */
const OWN_KEYS = new Set(["probability", "occupancy", "anybody_home"]);

/**
 * Return the entities of a room whose history is drawn.
 * @param {import("./room-feed.js").Room} room
 * @returns {string[]}
 */
export const historyIds = (room) => {
  const { probability, occupancy } = room.entities;
  const shown = room.signals.filter(({ role }) => MOVEMENT_ROLES.has(role) || DOOR_ROLES.has(role));
  return [...new Set([probability, occupancy, ...shown.map((row) => row.entity_id)].filter(Boolean))];
};

/**
 * Return what Home Assistant itself knows of the room's own entities, before the backend has answered.
 * @param {any} hass
 * @param {string} entityId
 * @returns {string[]}
 */
export const ownIds = (hass, entityId) => {
  const device = hass.entities?.[entityId]?.device_id;
  if (!device) return [];
  const found = Object.values(hass.entities).filter((row) => row.device_id === device && OWN_KEYS.has(row.translation_key));
  return found.map((row) => row.entity_id);
};
