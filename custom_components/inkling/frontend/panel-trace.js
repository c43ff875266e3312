// @ts-check
/** The home's trace for training: which days, which rooms, and a download that streams straight to disk. */

import { css, html, LitElement } from "./lit.js";
import { messageOf, note, partsOf, toIntegration } from "./panel-parts.js";
import { frameStyles } from "./panel-frame.js";
import { panelStyles } from "./panel-styles.js";

const PATH = "/api/inkling/trace";
const MOST_DAYS = 366;
const CHOICES = [1, 3, 7, 10, 14, 30, 90, 180, MOST_DAYS];
/** Long enough for a slow browser to begin, too short to be of use to whoever finds the address later. */
const SIGNED_SECONDS = 60;

/** A form for the download. */
class InklingPanelTrace extends LitElement {
  static properties = {
    context: { attribute: false },
    say: { attribute: false },
    days: { state: true },
    left: { state: true },
    isBusy: { state: true },
  };

  static styles = [
    panelStyles,
    frameStyles,
    css`
      :host {
        min-height: 0;
        background: none;
      }
      .form {
        display: flex;
        flex-direction: column;
        gap: 20px;
        align-items: flex-start;
      }
      .form .field {
        flex: none;
        min-width: min(100%, 280px);
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 20px;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        margin-bottom: 4px;
        padding: 0;
        color: var(--inkling-quiet);
        font-size: 12px;
      }
      fieldset label {
        display: flex;
        gap: 8px;
        align-items: center;
        min-height: 40px;
      }
      input[type="checkbox"] {
        width: 20px;
        height: 20px;
        margin: 0;
        accent-color: var(--primary-color);
      }
      .private {
        display: flex;
        gap: 12px;
      }
      .private ha-icon {
        flex: none;
        color: var(--inkling-quiet);
      }
    `,
  ];

  /** Begin with every room. */
  constructor() {
    super();
    /** @type {number | null} */
    this.days = null;
    /** @type {Set<string>} areas that are left out */
    this.left = new Set();
    this.isBusy = false;
  }

  /** Draw the form, or the one sentence that says why there is nothing to download. */
  render() {
    const { t, parts, hass } = this.context;
    const rooms = partsOf(parts, "room", hass.language);
    const head = html`<h2>${t("page_trace")}</h2><p class="intro quiet">${t("trace_intro")}</p>`;
    const kept = parts.care?.history_days ?? null;
    if (kept === null) return html`${head}<div class="card">${note(t("trace_no_recorder"), { icon: "mdi:database-off-outline", tone: "warn" })}</div>`;
    if (rooms.length === 0) return html`${head}<div class="card">${note(t("no_rooms"), { icon: "mdi:floor-plan", ...toIntegration(this.context) })}</div>`;
    return html`${head}
      <div class="card padded form">
        ${this.daysField(kept)} ${this.roomsField(rooms)}
        <p class="private"><ha-icon icon="mdi:shield-lock-outline" aria-hidden="true"></ha-icon><span>${t("trace_private")}</span></p>
        <button class="plain main" ?disabled=${this.isBusy || this.left.size >= rooms.length} @click=${() => this.download(rooms, kept)}>
          <ha-icon icon="mdi:download" aria-hidden="true"></ha-icon>${t("trace_download")}
        </button>
      </div>`;
  }

  /** @param {number} kept */
  daysField(kept) {
    const { t, numbers } = this.context;
    const choices = [...new Set([...CHOICES.filter((days) => days < kept), Math.min(kept, MOST_DAYS)])];
    const option = (/** @type {number} */ days) =>
      html`<option value=${days} ?selected=${days === (this.days ?? choices.at(-1))}>
        ${t(days === choices.at(-1) ? "trace_days_all" : "trace_days", { days: numbers.plain(days) })}
      </option>`;
    return html`<label class="field">
      ${t("trace_days_label")}
      <select @change=${(/** @type {any} */ event) => (this.days = Number(event.target.value))}>
        ${choices.map(option)}
      </select>
    </label>`;
  }

  /** @param {any[]} rooms */
  roomsField(rooms) {
    const { t } = this.context;
    const toggle = (/** @type {string} */ area) => (/** @type {any} */ event) => {
      const left = new Set(this.left);
      if (event.target.checked) left.delete(area);
      else left.add(area);
      this.left = left;
    };
    return html`<fieldset>
      <legend>${t("trace_rooms_label")}</legend>
      ${rooms.map(
        (room) => html`<label>
          <input type="checkbox" .checked=${!this.left.has(room.area_id)} @change=${toggle(room.area_id)} />${room.title}
        </label>`,
      )}
    </fieldset>`;
  }

  /**
   * Have an address signed for this one download, and hand it to the browser.
   * @param {any[]} rooms
   * @param {number} kept
   */
  async download(rooms, kept) {
    const { t, hass } = this.context;
    const query = new URLSearchParams({ days: String(this.days ?? Math.min(kept, MOST_DAYS)) });
    if (this.left.size > 0) {
      query.set("rooms", rooms.map((room) => room.area_id).filter((area) => !this.left.has(area)).join(","));
    }
    this.isBusy = true;
    try {
      const signed = await hass.callWS({ type: "auth/sign_path", path: `${PATH}?${query}`, expires: SIGNED_SECONDS });
      const link = document.createElement("a");
      link.href = hass.hassUrl(signed.path);
      link.download = "";
      this.renderRoot.append(link);
      link.click();
      link.remove();
      this.say(t("trace_begun"));
    } catch (error) {
      this.say(t("not_done", { error: messageOf(error) }));
    }
    this.isBusy = false;
  }
}

if (!customElements.get("inkling-panel-trace")) customElements.define("inkling-panel-trace", InklingPanelTrace);
