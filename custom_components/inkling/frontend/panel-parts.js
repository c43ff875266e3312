// @ts-check
/** Small pieces that every page of the panel is made of. */

import { html, nothing } from "./lit.js";

/**
 * @typedef {object} Context what a page needs to draw
 * @property {any} hass
 * @property {import("./localize.js").Translate} t sentences, named by what follows `config_panel.panel`
 * @property {import("./time.js").Clock} clock
 * @property {import("./numbers.js").Numbers} numbers
 * @property {Record<string, any>} parts the home at a glance, by key
 * @property {boolean} isAdmin
 */

export const ICONS = { critical: "mdi:alert-octagon", warning: "mdi:alert", info: "mdi:information-outline" };
const TONES = { critical: "bad", warning: "warn", info: "" };
const SEVERITIES = ["critical", "warning", "info"];
const INTEGRATION = "/config/integrations/integration/inkling";

/** @param {string} severity */
export const iconOf = (severity) => ICONS[/** @type {keyof typeof ICONS} */ (severity)] ?? ICONS.info;
/** @param {string} severity */
export const toneOf = (severity) => TONES[/** @type {keyof typeof TONES} */ (severity)] ?? "";
/** @param {string} severity */
export const rankOf = (severity) => SEVERITIES.indexOf(severity);

/**
 * Return the parts of a kind, sorted by their names.
 * @param {Record<string, any>} parts
 * @param {"room" | "device"} kind
 * @param {string} language
 */
export const partsOf = (parts, kind, language) =>
  Object.entries(parts)
    .filter(([key, part]) => key.startsWith(`${kind}/`) && part !== null)
    .map(([, part]) => part)
    .sort((a, b) => a.title.localeCompare(b.title, language));

/**
 * One clear sentence where there is nothing else, with a link where something can be done.
 * @param {string} text
 * @param {{ icon?: string, tone?: string, href?: string, link?: string }} more
 */
export const note = (text, { icon = "mdi:information-outline", tone = "", href, link } = {}) =>
  html`<div class="note ${tone}">
    <ha-icon icon=${icon} aria-hidden="true"></ha-icon>
    <p>${text}${href ? html` <a href=${href}>${link}</a>` : nothing}</p>
  </div>`;

/** @param {string} text */
export const waiting = (text) =>
  html`<div class="note" role="status"><span class="busy" aria-hidden="true"></span><p>${text}</p></div>`;

/**
 * The way to Home Assistant's page of the integration, for those who may open it.
 * @param {Context} context
 */
export const toIntegration = ({ isAdmin, t }) => (isAdmin ? { href: INTEGRATION, link: t("open_integration") } : {});

/**
 * Open Home Assistant's own dialog about an entity.
 * @param {EventTarget} from
 * @param {string | null | undefined} entityId
 */
export const openDetails = (from, entityId) => {
  if (!entityId) return;
  from.dispatchEvent(new CustomEvent("hass-more-info", { detail: { entityId }, bubbles: true, composed: true }));
};

/**
 * Return the name a user knows an entity by.
 * @param {any} hass
 * @param {string} entityId
 */
export const nameOf = (hass, entityId) => hass.states[entityId]?.attributes.friendly_name ?? entityId;

/**
 * Return a type of fault in words, by the translation of the sensor that says it.
 * @param {any} hass
 * @param {string} type
 */
export const faultText = (hass, type) => hass.localize(`component.inkling.entity.sensor.fault_type.state.${type}`) || type;

/**
 * Return a moment within a day: the time, with the weekday where it is not today's.
 * @param {import("./time.js").Clock} clock
 * @param {number} moment
 */
export const soon = (clock, moment) => (clock.date(moment) === clock.date(Date.now()) ? clock.time(moment) : clock.moment(moment));

/**
 * Return what went wrong, in words.
 * @param {any} error
 */
export const messageOf = (error) => error?.body?.message ?? error?.message ?? String(error);

/**
 * Ask before something that cannot be undone; resolves to whether it was wanted.
 * @param {import("./localize.js").Translate} t
 * @param {{ root: ParentNode, title: string, text: string, yes: string }} question
 * @returns {Promise<boolean>}
 */
export const ask = (t, { root, title, text, yes }) => {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "ask-title");
  const [heading, body, row] = ["h3", "p", "div"].map((tag) => document.createElement(tag));
  heading.id = "ask-title";
  heading.textContent = title;
  body.textContent = text;
  row.className = "row";
  for (const [value, label, look] of [["no", t("cancel"), "plain"], ["yes", yes, "plain main"]]) {
    const button = document.createElement("button");
    Object.assign(button, { className: look, textContent: label });
    button.addEventListener("click", () => dialog.close(value));
    row.append(button);
  }
  dialog.append(heading, body, row);
  root.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
};
