// @ts-check
/** What a dashboard asks about the card: its place in the picker, its form, and what to suggest. */

import { loadTranslate, translateOf } from "./localize.js";

export const CARD_TYPE = "inkling-card";
const DOCUMENTATION = "https://github.com/inkling-home/inkling/blob/main/docs/usage.md";
/** What an entity of a room or of the home says; those of watched devices say other things. */
const ROOM_KEYS = /^(occupancy|anybody_home|probability|reason|forecast_\d+|next_\w+)$/;

/**
 * @typedef {object} CardConfig
 * @property {string} [entity] any entity of the room
 * @property {string} [name]
 * @property {boolean} [hide_strips]
 * @property {boolean} [hide_reason]
 * @property {boolean} [hide_buttons]
 */

/** Return the running page's state, undefined before it has one. */
const currentHass = () => /** @type {any} */ (document.querySelector("home-assistant"))?.hass;

/**
 * Return a sentence in the user's language, the English one until it is loaded.
 * @param {string} key
 * @param {string} english
 */
const said = (key, english) => {
  const hass = currentHass();
  if (!hass) return english;
  loadTranslate(hass).catch(() => {});
  return translateOf(hass.language)?.(key) ?? english;
};

/**
 * Return whether an entity is about a room, or the home.
 * @param {any} hass
 * @param {string} entityId
 */
export const isRoomEntity = (hass, entityId) => {
  const entity = hass.entities?.[entityId];
  return entity?.platform === "inkling" && ROOM_KEYS.test(entity.translation_key ?? "");
};

/**
 * Return the card for a room of the home: a real one, so that the picker shows what the user would get.
 * @param {any} hass
 * @returns {CardConfig}
 */
export const stubConfig = (hass) => {
  const ours = Object.values(hass.entities ?? {}).filter(({ entity_id: id }) => isRoomEntity(hass, id));
  const best = ["occupancy", "anybody_home"].map((key) => ours.find((entity) => entity.translation_key === key));
  return { entity: best.find(Boolean)?.entity_id ?? "" };
};

/** Return the form of the card's settings. */
export const configForm = () => {
  const hass = currentHass();
  if (hass) loadTranslate(hass).catch(() => {});
  const text = (/** @type {string} */ key) => translateOf(currentHass()?.language)?.(`card.editor_${key}`);
  const choice = (/** @type {string} */ name) => ({ name, selector: { boolean: {} } });
  return {
    schema: [
      {
        name: "entity",
        required: true,
        selector: {
          entity: { filter: [{ integration: "inkling", domain: "binary_sensor", device_class: ["occupancy", "presence"] }] },
        },
      },
      { name: "name", selector: { text: {} } },
      ...["hide_strips", "hide_reason", "hide_buttons"].map(choice),
    ],
    computeLabel: (/** @type {{ name: string }} */ { name }) => text(name) ?? name,
    computeHelper: (/** @type {{ name: string }} */ { name }) => (name === "entity" ? text("entity_help") : undefined),
  };
};

/** Put the card into the picker, once a page. */
export const announce = () => {
  const page = /** @type {any} */ (window);
  page.customCards ??= [];
  if (page.customCards.some((/** @type {any} */ card) => card.type === CARD_TYPE)) return;
  page.customCards.push({
    type: CARD_TYPE,
    preview: true,
    documentationURL: DOCUMENTATION,
    get name() {
      return said("card.name", "Inkling room");
    },
    get description() {
      return said("card.description", "A room's last and next 24 hours in one ribbon.");
    },
    getEntitySuggestion: (/** @type {any} */ hass, /** @type {string} */ entityId) =>
      isRoomEntity(hass, entityId) ? { config: { type: `custom:${CARD_TYPE}`, entity: entityId } } : null,
  });
};
