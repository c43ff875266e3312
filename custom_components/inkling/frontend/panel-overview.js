// @ts-check
/** The first page: a line of figures, what is failing, every room, every watched device, the models. */

import { css, html, nothing } from "./lit.js";
import { devicesSection, faultsSection, findings } from "./panel-faults.js";
import { note, partsOf, rankOf, soon, toIntegration, waiting } from "./panel-parts.js";
import { roomsSection } from "./panel-rooms.js";

/** @typedef {import("./panel-parts.js").Context} Context */

/**
 * Draw the page, or the one sentence that says why there is nothing to draw.
 * @param {Context} context
 * @param {import("./panel-feed.js").PanelFeed} feed
 * @param {(text: string) => void} say
 */
export const overviewPage = (context, feed, say) => {
  const { t, parts } = context;
  if (feed.hasFailed) return boxed(note(t("not_connected"), { icon: "mdi:lan-disconnect", tone: "warn" }));
  if (!feed.isComplete) return boxed(waiting(t("loading")));
  if (!parts.status?.is_running) return boxed(note(t("not_running"), { icon: "mdi:power-plug-off-outline", tone: "warn", ...toIntegration(context) }));
  return html`${figures(context)} ${faultsSection(context, say)} ${roomsSection(context, feed)} ${devicesSection(context)}
    ${modelsSection(context)}`;
};

/** @param {any} content */
const boxed = (content) => html`<div class="card">${content}</div>`;

/**
 * Draw the line of figures.
 * @param {Context} context
 */
const figures = (context) => {
  const { t, parts, hass, numbers } = context;
  const rooms = partsOf(parts, "room", hass.language);
  const devices = partsOf(parts, "device", hass.language);
  const found = findings(context);
  const serious = found.filter(({ alarm }) => rankOf(alarm.severity) < rankOf("info")).length;
  const occupied = rooms.filter((room) => room.state === "occupied").length;
  const { home, care } = parts;
  return html`<section aria-label=${t("at_a_glance")}>
    <ul class="figures">
      ${home && rooms.length ? homeFigure(context, home) : nothing}
      ${rooms.length ? figure("mdi:floor-plan", t("figure_rooms"), `${numbers.plain(occupied)} / ${numbers.plain(rooms.length)}`, t("figure_rooms_help")) : nothing}
      ${devices.length ? figure("mdi:stethoscope", t("faults"), numbers.plain(serious), t(faultsHelp(serious, devices)), serious ? "bad" : "good") : nothing}
      ${care ? figure("mdi:hammer-wrench", t("figure_repairs"), numbers.plain(care.repairs), repairsHelp(t, care.repairs), care.repairs ? "warn" : "good") : nothing}
    </ul>
  </section>`;
};

/**
 * Return the sentence under the number of faults: nothing is called usual before it was learned what is.
 * @param {number} serious
 * @param {any[]} devices
 */
const faultsHelp = (serious, devices) => {
  if (serious) return "figure_faults_some";
  return devices.some(({ state }) => state === "ok") ? "figure_faults_none" : "figure_faults_learning";
};

/**
 * Draw whether anybody is at home, and when that changes.
 * @param {Context} context
 * @param {any} home
 */
const homeFigure = ({ t, numbers, clock }, home) => {
  const state = t(home.state === null ? "state_unknown" : `home_${home.state}`);
  const time = home.next?.at ? soon(clock, Date.parse(home.next.at)) : null;
  const sure = home.probability === null || home.probability === undefined ? "" : t("figure_sure", { percent: numbers.percent(home.probability) });
  return figure("mdi:home-account", t("figure_home"), state, time ? t(`home_next_${home.next.state}`, { time }) : sure);
};

/**
 * @param {import("./localize.js").Translate} t
 * @param {number} count
 */
const repairsHelp = (t, count) => (count ? html`<a href="/config/repairs">${t("figure_repairs_some")}</a>` : t("figure_repairs_none"));

/**
 * @param {string} icon
 * @param {string} title
 * @param {string} value
 * @param {any} help
 * @param {string} tone
 */
const figure = (icon, title, value, help, tone = "") => html`<li class="card figure ${tone}">
  <ha-icon icon=${icon} aria-hidden="true"></ha-icon>
  <div>
    <p class="quiet">${title}</p>
    <p class="value">${value}</p>
    <p class="quiet">${help}</p>
  </div>
</li>`;

/**
 * Draw which models judge.
 * @param {Context} context
 */
const modelsSection = ({ t, parts }) => {
  const model = (/** @type {string} */ task) => {
    const found = parts.models?.[task];
    if (!found) return nothing;
    const text = found.name === null ? t("model_none") : t(`model_${found.origin}`, { name: found.name, version: found.version, backend: found.backend });
    return html`<li class="model">
      <ha-icon icon=${task === "forecast" ? "mdi:clock-fast" : "mdi:account-search-outline"} aria-hidden="true"></ha-icon>
      <div>
        <h3>${t(`task_${task}`)}</h3>
        <p class="quiet">${text}</p>
        ${found.refused ? html`<p>${t("model_refused", { count: found.refused })}</p>` : nothing}
      </div>
    </li>`;
  };
  return html`<section aria-labelledby="models">
    <h2 id="models">${t("models")} <small><a href="/inkling/accuracy">${t("how_good")}</a></small></h2>
    <ul class="card models">
      ${model("occupancy")}${model("forecast")}
    </ul>
  </section>`;
};

export const overviewStyles = css`
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 200px), 1fr));
    gap: 12px;
  }
  .figure {
    display: flex;
    gap: 12px;
    padding: 14px 16px;
  }
  .figure ha-icon {
    flex: none;
    color: var(--inkling-quiet);
  }
  .figure.bad ha-icon {
    color: var(--inkling-bad);
  }
  .figure.warn ha-icon {
    color: var(--inkling-warn);
  }
  .figure.good ha-icon {
    color: var(--inkling-good);
  }
  .figure .value {
    font-size: 18px;
    font-variant-numeric: tabular-nums;
    line-height: 26px;
  }
  .figure .quiet {
    font-size: 13px;
    line-height: 18px;
  }
  .models {
    display: flex;
    flex-wrap: wrap;
  }
  .model {
    display: flex;
    flex: 1 1 320px;
    gap: 12px;
    padding: 16px;
  }
  .model ha-icon {
    color: var(--inkling-quiet);
  }
  @container panel (max-width: 600px) {
    .figures {
      grid-template-columns: 1fr 1fr;
      gap: 8px;
    }
    .figure {
      gap: 8px;
      padding: 12px;
    }
  }
`;
