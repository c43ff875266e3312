// @ts-check
/** The panel: one page of the sidebar with tabs, each drawn from what the backend tells this user. */

import { html, LitElement, nothing } from "./lit.js";
import { loadTranslate, translateOf } from "./localize.js";
import { numbersOf } from "./numbers.js";
import "./panel-backtest.js";
import { faultsStyles } from "./panel-faults.js";
import { PanelFeed } from "./panel-feed.js";
import { frameStyles } from "./panel-frame.js";
import "./panel-labels.js";
import { overviewPage, overviewStyles } from "./panel-overview.js";
import "./panel-report.js";
import { roomsStyles } from "./panel-rooms.js";
import { panelStyles } from "./panel-styles.js";
import "./panel-trace.js";
import { ribbonStyles } from "./ribbon.js";
import { clockOf, MINUTE_MS } from "./time.js";

const SAID_MS = 8_000;
const ROOT = "/inkling";
/** Pages by their place in the address. */
const PAGES = [
  { id: "overview", icon: "mdi:view-dashboard-outline" },
  { id: "accuracy", icon: "mdi:bullseye-arrow" },
  { id: "backtest", icon: "mdi:chart-timeline" },
  { id: "labels", icon: "mdi:tag-multiple-outline" },
  { id: "trace", icon: "mdi:download-outline", isForAdmins: true },
];
/** What of Home Assistant's state is drawn, beside what the feed tells. */
const SETTINGS = ["language", "locale", "config", "user", "themes", "dockedSidebar"];

/** The element that Home Assistant puts on its page. */
class InklingPanel extends LitElement {
  static properties = {
    hass: { attribute: false },
    narrow: { type: Boolean, reflect: true },
    route: { attribute: false },
    said: { state: true },
  };

  static styles = [panelStyles, frameStyles, overviewStyles, faultsStyles, roomsStyles, ribbonStyles];

  /** Begin with nothing known. */
  constructor() {
    super();
    this.feed = new PanelFeed(() => this.requestUpdate());
    this.said = "";
    this.haveWordsFailed = false;
  }

  /** Let the ribbons go on with the clock. */
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
   * Draw again when something changed that is drawn; states come by the second, and the feed tells what matters.
   * @param {Map<string, any>} changed
   */
  shouldUpdate(changed) {
    const before = changed.get("hass");
    if (changed.size !== 1 || !before) return Boolean(this.hass);
    return SETTINGS.some((key) => before[key] !== this.hass[key]);
  }

  /** Load the words and follow the home. */
  willUpdate() {
    if (!this.isConnected) return;
    this.feed.start(this.hass);
    if (translateOf(this.hass.language) || this.haveWordsFailed) return;
    loadTranslate(this.hass).then(
      () => this.requestUpdate(),
      () => {
        this.haveWordsFailed = true;
        this.requestUpdate();
      },
    );
  }

  /** Draw the frame and the page that the address names. */
  render() {
    const translate = translateOf(this.hass.language);
    /** @type {import("./localize.js").Translate} */
    const t = (key, values) => (translate ? translate(`panel.${key}`, values) : "");
    const isAdmin = Boolean(this.hass.user?.is_admin);
    const pages = PAGES.filter((page) => isAdmin || !page.isForAdmins);
    const page = pages.find(({ id }) => this.route?.path?.startsWith(`/${id}`)) ?? pages[0];
    const context = { hass: this.hass, t, isAdmin, parts: this.feed.parts, clock: clockOf(this.hass), numbers: numbersOf(this.hass) };
    return html`${this.frame(t, pages, page)}
      <main class="page">
        ${translate ? html`<div class="sheet">${this.page(context, page.id)}</div>` : html`<p class="padded" role="status">${this.haveWordsFailed ? "The words of this page could not be loaded. Reload the page." : nothing}</p>`}
      </main>
      <p class="said ${this.said ? "" : "hidden"}" role="status">${this.said}</p>`;
  }

  /**
   * Draw the bar above every page.
   * @param {import("./localize.js").Translate} t
   * @param {typeof PAGES} pages
   * @param {typeof PAGES[0]} page
   */
  frame(t, pages, page) {
    const hasMenu = this.narrow || this.hass.dockedSidebar === "always_hidden";
    const menu = html`<button class="menu" aria-label=${t("menu")} @click=${this.toggleMenu}><ha-icon icon="mdi:menu"></ha-icon></button>`;
    const tab = (/** @type {typeof PAGES[0]} */ { id, icon }) =>
      html`<a class="tab" href="${ROOT}/${id}" aria-current=${id === page.id ? "page" : nothing}>
        <ha-icon icon=${icon} aria-hidden="true"></ha-icon><span>${t(`page_${id}`)}</span>
      </a>`;
    return html`<header>
      <div class="bar">${hasMenu ? menu : nothing}<h1>Inkling</h1></div>
      <nav aria-label=${t("pages")}>${pages.map(tab)}</nav>
    </header>`;
  }

  /**
   * Draw a page.
   * @param {import("./panel-parts.js").Context} context
   * @param {string} id
   */
  page(context, id) {
    const say = (/** @type {string} */ text) => this.say(text);
    if (id === "accuracy") return html`<inkling-panel-report .context=${context}></inkling-panel-report>`;
    if (id === "backtest") return html`<inkling-panel-backtest .context=${context}></inkling-panel-backtest>`;
    if (id === "labels") return html`<inkling-panel-labels .context=${context} .say=${say}></inkling-panel-labels>`;
    if (id === "trace") return html`<inkling-panel-trace .context=${context} .say=${say}></inkling-panel-trace>`;
    return overviewPage(context, this.feed, say);
  }

  /** Open Home Assistant's sidebar. */
  toggleMenu() {
    this.dispatchEvent(new CustomEvent("hass-toggle-menu", { bubbles: true, composed: true }));
  }

  /** @param {string} text */
  say(text) {
    this.said = text;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => (this.said = ""), SAID_MS);
  }
}

if (!customElements.get("inkling-panel")) customElements.define("inkling-panel", InklingPanel);
