// @ts-check
/** The parts of a card beside its chart. */

import { html, nothing } from "./lit.js";

/** @typedef {import("./localize.js").Translate} Translate */

/**
 * Draw the room's name and how it stands; pressed, it opens Home Assistant's own dialog.
 * @param {object} room
 * @param {import("./room-view.js").RoomView} room.view
 * @param {string} room.name
 * @param {"room" | "home" | undefined} room.kind undefined until it is known
 * @param {Translate} room.t
 * @param {import("./time.js").Clock} room.clock
 * @param {import("./numbers.js").Numbers} room.numbers
 * @param {() => void} room.open
 */
export const head = ({ view, name, kind, t, clock, numbers, open }) => {
  const isHome = kind === "home";
  const keys = isHome ? ["somebody_home", "nobody_home"] : ["occupied", "vacant"];
  const state = view.isOccupied === null ? "unknown" : keys[view.isOccupied ? 0 : 1];
  const next =
    view.next && t(view.next.isOccupied ? "card.expected_occupied" : "card.expected_vacant", { time: clock.time(view.next.t) });
  const icon = isHome ? "mdi:home-account" : view.isOccupied ? "mdi:account" : "mdi:account-off-outline";
  return html`<button class="head" title=${t("card.open_details", { room: name })} @click=${open}>
    <span class="badge ${view.isOccupied ? "on" : ""}"><ha-icon icon=${icon} aria-hidden="true"></ha-icon></span>
    <span class="titles">
      <span class="title">${name}</span>
      <span class="state"><b>${t(`card.${kind ? state : "loading"}`)}</b>${next ? html` · ${next}` : nothing}</span>
    </span>
    <span class="percent">${view.current === null ? nothing : numbers.percent(view.current)}</span>
  </button>`;
};

/**
 * Draw what a person can say of the room, and what came of it.
 * @param {object} asked
 * @param {Translate} asked.t
 * @param {string} asked.name
 * @param {boolean} asked.isOff
 * @param {(label: string) => void} asked.tell
 * @param {{ icon: string, text: string } | null} asked.said
 */
export const buttons = ({ t, name, isOff, tell, said }) => {
  const button = (/** @type {string} */ label, /** @type {string} */ key, /** @type {string} */ icon) => {
    const told = t(`card.${key}`);
    // What is read aloud begins with what is seen, so that it can be said to a voice control.
    const full = `${told}: ${t(`card.${key}_help`, { room: name })}`;
    return html`<button ?disabled=${isOff} aria-label=${full} @click=${() => tell(label)}>
      <ha-icon icon=${icon} aria-hidden="true"></ha-icon>${told}
    </button>`;
  };
  return html`<div class="buttons">
      ${button("occupied", "here", "mdi:account-check")}${button("vacant", "nobody_here", "mdi:account-off")}
    </div>
    <p class="said" role="status">${said ? html`<ha-icon icon=${said.icon} aria-hidden="true"></ha-icon><span>${said.text}</span>` : nothing}</p>`;
};

/** @param {string} text @param {string} icon */
export const note = (text, icon = "mdi:information-outline") =>
  html`<p class="note"><ha-icon icon=${icon} aria-hidden="true"></ha-icon><span>${text}</span></p>`;

/** @param {Translate} t @param {string} text */
export const reason = (t, text) => html`<p class="reason">
  <ha-icon icon="mdi:lightbulb-on-outline" aria-hidden="true"></ha-icon><span><span class="hidden">${t("card.reason")}: </span>${text}</span>
</p>`;
