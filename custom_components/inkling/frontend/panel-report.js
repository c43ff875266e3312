// @ts-check
/** How good the models are: live scores in this home beside the best simple rule's, and the figures they came with. */

import { css, html, LitElement, nothing } from "./lit.js";
import { messageOf, note, waiting } from "./panel-parts.js";
import { frameStyles } from "./panel-frame.js";
import { judgeText, pair, reportStyles } from "./panel-scores.js";
import { panelStyles } from "./panel-styles.js";
import { taughtSection } from "./panel-taught.js";

const DIGITS = 3;

/** The report card. */
class InklingPanelReport extends LitElement {
  static properties = {
    context: { attribute: false },
    report: { state: true },
    failed: { state: true },
    chosen: { state: true },
  };

  static styles = [
    panelStyles,
    frameStyles,
    reportStyles,
    css`
      :host {
        min-height: 0;
        background: none;
      }
    `,
  ];

  /** Begin with nothing known. */
  constructor() {
    super();
    /** @type {any} */
    this.report = null;
    this.failed = "";
    this.chosen = 0;
  }

  /** Ask when shown. */
  connectedCallback() {
    super.connectedCallback();
    this.load();
  }

  /** Ask for the report. */
  async load() {
    await this.updateComplete;
    try {
      this.report = await this.context.hass.callWS({ type: "inkling/report" });
      this.failed = "";
    } catch (error) {
      this.failed = messageOf(error);
    }
  }

  /** Draw the report, or the one sentence that says why there is none. */
  render() {
    const { t } = this.context;
    if (this.failed) return html`<div class="card">${note(t("report_failed", { error: this.failed }), { icon: "mdi:alert-circle-outline", tone: "warn" })}</div>`;
    if (this.report === null) return html`<div class="card">${waiting(t("loading"))}</div>`;
    return html`${this.here()} ${taughtSection(this.context, this.report.monitors)} ${this.forecast(this.report.models.forecast)} ${this.occupancy(this.report.models.occupancy)}`;
  }

  /** Draw how forecasts did in this home, room by room. */
  here() {
    const { t, numbers } = this.context;
    const monitors = [...this.report.monitors].sort(
      (a, b) => Number(b.is_home) - Number(a.is_home) || a.title.localeCompare(b.title, this.context.hass.language),
    );
    const minutes = Object.keys(monitors[0]?.horizons ?? {}).map(Number).sort((a, b) => a - b);
    const body = monitors.length === 0
      ? note(t("report_no_rooms"), { icon: "mdi:floor-plan" })
      : html`<div class="scroll" tabindex="0" role="group" aria-label=${t("report_here")}>
          <table class="scores">
            <thead>
              <tr>
                <th scope="col">${t("room")}</th>
                ${minutes.map((ahead) => html`<th scope="col">${t("ahead", { time: numbers.duration(ahead * 60_000) })}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${monitors.map((monitor) => this.monitor(monitor, minutes))}
            </tbody>
          </table>
        </div>`;
    return html`<section>
      <h2>${t("report_here")}</h2>
      <p class="intro quiet">${t("report_here_intro")}</p>
      <div class="card">${body}</div>
      ${this.legend()}
    </section>`;
  }

  /** Draw what the two bars are. */
  legend() {
    const { t } = this.context;
    return html`<ul class="legend" aria-hidden="true">
      <li><span class="swatch ours"></span>${t("legend_ours")}</li>
      <li><span class="swatch"></span>${t("legend_rule")}</li>
      <li>${t("legend_lower")}</li>
    </ul>`;
  }

  /**
   * Draw one room.
   * @param {any} monitor
   * @param {number[]} minutes
   */
  monitor(monitor, minutes) {
    const { t, clock, numbers } = this.context;
    const since = monitor.since ? t("report_since", { date: clock.date(Date.parse(monitor.since)) }) : t("report_no_past");
    return html`<tr>
      <th scope="row">${monitor.is_home ? t("home") : monitor.title}<span class="sub">${since}</span></th>
      ${minutes.map((ahead) => html`<td data-label=${t("ahead", { time: numbers.duration(ahead * 60_000) })}>${this.score(monitor.horizons[ahead])}</td>`)}
    </tr>`;
  }

  /**
   * Draw one room's score at one horizon.
   * @param {any} score
   */
  score(score) {
    const { t, numbers } = this.context;
    const verdict = html`<span class="chip ${score.shown ? "good" : "warn"}" title=${t(`why_${score.reason}`)}>
      ${t(score.shown ? "shown" : "not_shown")}
    </span>`;
    const why = html`<span class="hidden">${t(`why_${score.reason}`)}</span>`;
    if (score.brier === null) return html`${verdict}${why}<span class="sub">${t("not_scored")}</span>`;
    const rule = score.baseline ? t(`rule_${score.baseline}`) : "";
    return html`${pair(this.context, { ours: score.brier, theirs: score.baseline_brier, rule, digits: DIGITS })} ${verdict}${why}
      <span class="sub">${t("scored", { count: numbers.plain(score.count), rule })}</span>`;
  }

  /**
   * Draw what the forecast model scored before it was shipped.
   * @param {any} model
   */
  forecast(model) {
    const { t, numbers } = this.context;
    const row = (/** @type {any} */ { minutes, brier, baseline_brier: theirs }) => html`<td data-label=${t("ahead", { time: numbers.duration(minutes * 60_000) })}>
      ${pair(this.context, { ours: brier, theirs, rule: t("best_rule"), digits: DIGITS })}
      <span class="sub">${t("saved", { percent: numbers.percent((1 - brier / theirs) * 100) })}</span>
    </td>`;
    const table = html`<div class="scroll" tabindex="0" role="group" aria-label=${t("task_forecast")}>
      <table class="scores">
        <thead>
          <tr>${model.horizons.map((/** @type {any} */ { minutes }) => html`<th scope="col">${t("ahead", { time: numbers.duration(minutes * 60_000) })}</th>`)}</tr>
        </thead>
        <tbody>
          <tr>${model.horizons.map(row)}</tr>
        </tbody>
      </table>
    </div>`;
    return html`<section>
      <h2>${t("task_forecast")} <small>${this.modelText(model)}</small></h2>
      ${model.horizons.length ? html`<p class="intro quiet">${t("report_forecast_intro")}</p>` : nothing}
      <div class="card">${model.horizons.length ? table : note(t("no_figures"))}</div>
    </section>`;
  }

  /**
   * Draw what the occupancy model scored before it was shipped, one recording at a time.
   * @param {any} model
   */
  occupancy(model) {
    const { t, numbers } = this.context;
    const table = model.tables[this.chosen] ?? model.tables[0];
    const option = (/** @type {any} */ { name }, /** @type {number} */ index) => html`<option value=${index} ?selected=${index === this.chosen}>${name}</option>`;
    const choice = html`<div class="padded">
      <label class="field">
        ${t("recording")}
        <select @change=${(/** @type {any} */ event) => (this.chosen = Number(event.target.value))}>${model.tables.map(option)}</select>
      </label>
    </div>`;
    return html`<section>
      <h2>${t("task_occupancy")} <small>${this.modelText(model)}</small></h2>
      ${table ? html`<p class="intro quiet">${t("report_occupancy_intro")}</p>` : nothing}
      <div class="card">
        ${table ? html`${choice}${this.rules(model.figures, table)}<p class="padded quiet">${t("instants", { count: numbers.plain(table.instants ?? 0) })}</p>` : note(t("no_figures"))}
      </div>
    </section>`;
  }

  /**
   * Draw the model and the rules beside it.
   * @param {string[]} figures
   * @param {any} table
   */
  rules(figures, table) {
    const { t, numbers } = this.context;
    const cell = (/** @type {any} */ row, /** @type {string} */ figure) => {
      const value = row[figure];
      if (value === null) return html`<td class="number quiet">–</td>`;
      const isShare = figure === "accuracy" || figure === "f1";
      const text = numbers.plain(value, isShare || figure === "brier" ? DIGITS : 1);
      return html`<td class="number">${text}${isShare ? html`<span class="gauge" aria-hidden="true"><span style="width:${value * 100}%"></span></span>` : nothing}</td>`;
    };
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${table.name}>
      <table class="rules">
        <thead>
          <tr>
            <th scope="col">${t("judged_by")}</th>
            ${figures.map((figure) => html`<th scope="col" class="number">${t(`figure_${figure}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${table.rows.map(
            (/** @type {any} */ row) => html`<tr class=${row.name === "model" ? "ours" : ""}>
              <th scope="row">${judgeText(t, row.name)}</th>
              ${figures.map((figure) => cell(row, figure))}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {any} model */
  modelText(model) {
    const { t } = this.context;
    return model.name === null ? t("model_none") : t(`model_${model.origin}`, { name: model.name, version: model.version, backend: model.backend });
  }
}

if (!customElements.get("inkling-panel-report")) customElements.define("inkling-panel-report", InklingPanelReport);
