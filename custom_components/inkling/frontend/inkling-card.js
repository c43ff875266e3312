// @ts-check
/** The card of one room. */

import { announce, CARD_TYPE, configForm, stubConfig } from "./card-config.js";
import { buttons, head, note, reason } from "./card-parts.js";
import { cardStyles } from "./card-styles.js";
import { chartStyles } from "./chart-styles.js";
import { dayChart, dayTable } from "./day-chart.js";
import { html, LitElement, nothing } from "./lit.js";
import { loadTranslate, translateOf } from "./localize.js";
import { numbersOf } from "./numbers.js";
import { gaps, obstacle } from "./problems.js";
import { ribbonStyles } from "./ribbon.js";
import { RoomFeed } from "./room-feed.js";
import { historyIds } from "./room-ids.js";
import { roomView } from "./room-view.js";
import { stripStyles } from "./strips.js";
import { clockOf, MINUTE_MS } from "./time.js";

performance.mark("inkling-card:modules");
const SAID_MS = 8_000;
/** The parts of Home Assistant's state that a card reads beside its own entities. */
const SETTINGS = ["language", "locale", "config", "entities", "localize"];

/** One room: last day, next day, why, and what a person says of it. */
class InklingCard extends LitElement {
  static properties = {
    hass: { attribute: false },
    preview: { type: Boolean },
    config: { state: true },
    looked: { state: true },
    said: { state: true },
    isBusy: { state: true },
  };

  static styles = [cardStyles, chartStyles, ribbonStyles, stripStyles];

  static getStubConfig = stubConfig;

  static getConfigForm = configForm;

  /** Begin with nothing known. */
  constructor() {
    super();
    /** @type {import("./card-config.js").CardConfig} */
    this.config = {};
    this.feed = new RoomFeed(() => this.requestUpdate());
    /** @type {number | null} */
    this.looked = null;
    /** @type {{ icon: string, text: string } | null} */
    this.said = null;
    this.isBusy = false;
    this.haveWordsFailed = false;
  }

  /** @param {import("./card-config.js").CardConfig} config */
  setConfig(config) {
    if (!config) throw new Error("Inkling's card needs settings");
    this.config = config;
  }

  /** Return the height in rows of 50 pixels. */
  getCardSize() {
    return 7;
  }

  /** Return the size in a sections view. */
  getGridOptions() {
    return { columns: 12, min_columns: 6, rows: "auto" };
  }

  /** Let the ribbon go on with the clock. */
  connectedCallback() {
    super.connectedCallback();
    this.timer = setInterval(() => this.requestUpdate(), MINUTE_MS);
    this.requestUpdate();
  }

  /** Ask for nothing while nobody looks. */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
    this.feed.stop();
  }

  /**
   * Draw again when something changed that is drawn.
   * @param {Map<string, any>} changed
   */
  shouldUpdate(changed) {
    const before = changed.get("hass");
    if (changed.size !== 1 || !before) return Boolean(this.hass);
    const ids = this.feed.room ? [...historyIds(this.feed.room), this.feed.room.entities.reason] : [this.config.entity];
    return SETTINGS.some((key) => before[key] !== this.hass[key]) || ids.some((id = "") => before.states[id] !== this.hass.states[id]);
  }

  /** Follow the room that the settings name. */
  willUpdate() {
    if (!this.isConnected) return;
    const { entity } = this.config;
    if (entity && obstacle(this.hass, entity, this.feed) === null) this.feed.follow(this.hass, entity);
    if (translateOf(this.hass.language) || this.haveWordsFailed) return;
    const again = () => this.requestUpdate();
    loadTranslate(this.hass).then(again, () => {
      this.haveWordsFailed = true;
      again();
    });
  }

  /** Draw the card, or the one sentence that says why there is nothing to draw. */
  render() {
    const t = translateOf(this.hass.language);
    if (!t) return html`<ha-card><div class="content">${this.haveWordsFailed ? "Inkling" : nothing}</div></ha-card>`;
    const problem = obstacle(this.hass, this.config.entity, this.feed);
    if (problem) return html`<ha-card><div class="content">${note(t(problem.key, problem.values), "mdi:alert-circle-outline")}</div></ha-card>`;
    const view = roomView(this.hass, this.feed, Date.now());
    const name = this.config.name || this.nameOfRoom();
    const drawn = { view, name, t, clock: clockOf(this.hass), numbers: numbersOf(this.hass) };
    const chart = {
      ...drawn,
      hasStrips: !this.config.hide_strips,
      looked: this.looked,
      look: (/** @type {number | null} */ moment) => (this.looked = moment),
    };
    const tell = (/** @type {string} */ label) => this.tell(t, label);
    return html`<ha-card>
      <div class="content">
        ${head({ ...drawn, kind: this.feed.room?.kind, open: () => this.open() })} ${dayChart(chart)} ${dayTable(chart)}
        ${this.config.hide_reason || view.reason === null ? nothing : reason(t, view.reason)}
        ${gaps(this.hass, this.feed, view, drawn.clock).map(({ key, values }) => note(t(key, values)))}
        ${this.config.hide_buttons || this.feed.room?.kind !== "room" ? nothing : buttons({ t, name, isOff: this.isBusy || this.preview, tell, said: this.said })}
      </div>
    </ha-card>`;
  }

  /** Return the room's name, the home's own for the home. */
  nameOfRoom() {
    const { room } = this.feed;
    return (room?.kind === "home" ? this.hass.config.location_name : room?.name) ?? "";
  }

  /** Open the dialog of the room's occupancy. */
  open() {
    const entityId = this.feed.room?.entities.occupancy ?? this.config.entity;
    this.dispatchEvent(new CustomEvent("hass-more-info", { detail: { entityId }, bubbles: true, composed: true }));
  }

  /**
   * Tell Inkling what a person knows, and the person whether it was heard.
   * @param {import("./localize.js").Translate} t
   * @param {string} label
   */
  async tell(t, label) {
    this.isBusy = true;
    try {
      const data = { entity_id: this.feed.room?.entities.occupancy ?? this.config.entity, label };
      await this.hass.callService("inkling", "label", data, undefined, false);
      this.say("mdi:check", t(`card.noted_${label}`));
    } catch (error) {
      this.say("mdi:alert-circle-outline", t("card.not_noted", { error: /** @type {any} */ (error)?.message ?? "" }));
    }
    this.isBusy = false;
  }

  /** @param {string} icon @param {string} text */
  say(icon, text) {
    this.said = { icon, text };
    clearTimeout(this.silence);
    this.silence = setTimeout(() => (this.said = null), SAID_MS);
  }

  /** Mark when the ribbon was first on the screen, for whoever measures it. */
  updated() {
    const { room, hasHistory, forecast } = this.feed;
    if (this.isPainted || !room || !hasHistory || !forecast) return;
    this.isPainted = true;
    requestAnimationFrame(() => setTimeout(() => performance.mark("inkling-card:painted")));
  }
}

// Another copy may have been first: an old address in somebody's list of resources.
if (!customElements.get(CARD_TYPE)) customElements.define(CARD_TYPE, /** @type {any} */ (InklingCard));
announce();
