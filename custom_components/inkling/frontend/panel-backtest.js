// @ts-check
/** What a watch would have said of a time that is over: choose a device and a period, see when, what and how often. */

import { css, html, LitElement, nothing } from "./lit.js";
import { faultText, messageOf, note, partsOf, toIntegration, waiting } from "./panel-parts.js";
import { frameStyles } from "./panel-frame.js";
import { panelStyles } from "./panel-styles.js";
import { findingsList, timeline, timelineStyles } from "./panel-timeline.js";
import { DAY_MS } from "./time.js";

const PERIODS = [7, 14, 30, 90];
const USUAL_DAYS = 30;
const SEVERITIES = ["critical", "warning", "info"];
const TONES = /** @type {Record<string, string>} */ ({ critical: "bad", warning: "warn" });

/** A form, and what came of it. */
class InklingPanelBacktest extends LitElement {
  static properties = {
    context: { attribute: false },
    device: { state: true },
    days: { state: true },
    result: { state: true },
    failed: { state: true },
    isBusy: { state: true },
  };

  static styles = [
    panelStyles,
    frameStyles,
    timelineStyles,
    css`
      :host {
        min-height: 0;
        background: none;
      }
      .counts {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        padding: 0 16px 16px;
      }
    `,
  ];

  /** Begin with the first device and a month. */
  constructor() {
    super();
    this.device = "";
    this.days = USUAL_DAYS;
    /** @type {any} */
    this.result = null;
    this.failed = "";
    this.isBusy = false;
  }

  /** Draw the form and what came of it. */
  render() {
    const { t, parts, hass } = this.context;
    const devices = partsOf(parts, "device", hass.language).filter((device) => device.entities.fault);
    const head = html`<h2>${t("page_backtest")}</h2><p class="intro quiet">${t("backtest_intro")}</p>`;
    if (devices.length === 0) return html`${head}<div class="card">${note(t("no_devices"), { icon: "mdi:stethoscope", ...toIntegration(this.context) })}</div>`;
    const device = devices.find(({ id }) => id === this.device) ?? devices[0];
    return html`${head}
      <section class="card padded">${this.form(devices, device)}</section>
      <section aria-live="polite">${this.outcome()}</section>`;
  }

  /**
   * Draw what can be chosen.
   * @param {any[]} devices
   * @param {any} device
   */
  form(devices, device) {
    const { t, numbers } = this.context;
    return html`<div class="fields">
      <label class="field">
        ${t("backtest_device")}
        <select @change=${(/** @type {any} */ event) => (this.device = event.target.value)}>
          ${devices.map(({ id, title }) => html`<option value=${id} ?selected=${id === device.id}>${title}</option>`)}
        </select>
      </label>
      <label class="field">
        ${t("backtest_period")}
        <select @change=${(/** @type {any} */ event) => (this.days = Number(event.target.value))}>
          ${PERIODS.map((days) => html`<option value=${days} ?selected=${days === this.days}>${t("backtest_days", { days: numbers.plain(days) })}</option>`)}
        </select>
      </label>
      <button class="plain main" ?disabled=${this.isBusy} @click=${() => this.run(device)}>
        <ha-icon icon="mdi:play" aria-hidden="true"></ha-icon>${t("backtest_run")}
      </button>
    </div>`;
  }

  /**
   * Ask for it; the recorder is read a day at a time, which may take minutes.
   * @param {any} device
   */
  async run(device) {
    const { hass } = this.context;
    this.isBusy = true;
    this.failed = "";
    this.result = null;
    try {
      const data = { entity_id: device.entities.fault, start: new Date(Date.now() - this.days * DAY_MS).toISOString() };
      const answer = await hass.callService("inkling", "backtest", data, undefined, false, true);
      this.result = { ...answer.response, title: device.title };
    } catch (error) {
      this.failed = messageOf(error);
    }
    this.isBusy = false;
  }

  /** Draw what came of it. */
  outcome() {
    const { t } = this.context;
    if (this.isBusy) return html`<div class="card">${waiting(t("backtest_busy"))}</div>`;
    if (this.failed) return html`<div class="card">${note(t("backtest_failed", { error: this.failed }), { icon: "mdi:alert-circle-outline", tone: "warn" })}</div>`;
    if (this.result === null) return nothing;
    if (this.result.start === null) return html`<div class="card">${note(t("backtest_no_history"), { icon: "mdi:database-off-outline", tone: "warn" })}</div>`;
    return html`<div class="card">
        <div class="padded"><h3>${this.result.title}</h3><p>${this.told()}</p></div>
        ${this.counts()} ${timeline(this.context, this.result)}
      </div>
      ${findingsList(this.context, this.result.alarms)}`;
  }

  /** Return what was found, in one or two sentences. */
  told() {
    const { t, numbers } = this.context;
    const { days, judged_days: judged, count } = this.result;
    const whole = (/** @type {number} */ value) => numbers.plain(value, value < 10 && value % 1 >= 0.05 ? 1 : 0);
    if (judged <= 0) return t("backtest_learning", { days: whole(days) });
    return t(count ? "backtest_some" : "backtest_none", { count: numbers.plain(count), days: whole(days), judged: whole(judged) });
  }

  /** Draw how often, by severity and by type. */
  counts() {
    const { t, numbers, hass } = this.context;
    const { by_severity: severities, by_type: types, count } = this.result;
    if (!count) return nothing;
    return html`<div class="counts">
      ${SEVERITIES.filter((severity) => severities[severity]).map(
        (severity) => html`<span class="chip ${TONES[severity] ?? ""}">${t(`severity_${severity}`)}: ${numbers.plain(severities[severity])}</span>`,
      )}
      ${Object.entries(types).map(([type, often]) => html`<span class="chip">${faultText(hass, type)}: ${numbers.plain(/** @type {number} */ (often))}</span>`)}
    </div>`;
  }
}

if (!customElements.get("inkling-panel-backtest")) customElements.define("inkling-panel-backtest", InklingPanelBacktest);
