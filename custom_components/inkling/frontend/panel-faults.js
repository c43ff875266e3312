// @ts-check
/** What is failing and how that is known, and every watched device with how far it is. */

import { css, html, nothing } from "./lit.js";
import { ask, faultText, iconOf, messageOf, nameOf, note, openDetails, partsOf, rankOf, toIntegration, toneOf } from "./panel-parts.js";

/** @typedef {import("./panel-parts.js").Context} Context */

const SNOOZE_DAYS = 7;
/** The order of watched devices: what needs somebody first. */
const STATES = ["fault", "paused", "learning", "ok"];
const TONES = /** @type {Record<string, string>} */ ({ fault: "bad", ok: "good" });

/**
 * Return every finding with its device, the worst first, each once though several monitors watch it.
 * @param {Context} context
 */
export const findings = ({ parts, hass }) => {
  const seen = new Set();
  // One that was chosen by itself says more than the one that watches everything.
  const devices = partsOf(parts, "device", hass.language).sort((a, b) => Number(a.is_everything) - Number(b.is_everything));
  return devices
    .flatMap((device) => device.alarms.map((/** @type {any} */ alarm) => ({ device, alarm })))
    .filter(({ alarm }) => {
      const key = `${alarm.entity} ${alarm.type}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => rankOf(a.alarm.severity) - rankOf(b.alarm.severity) || b.alarm.confidence - a.alarm.confidence);
};

/**
 * Draw what is failing, nothing where nothing is.
 * @param {Context} context
 * @param {(text: string) => void} say
 */
export const faultsSection = (context, say) => {
  const { t } = context;
  const found = findings(context);
  if (found.length === 0) return nothing;
  return html`<section aria-labelledby="faults">
    <h2 id="faults">${t("faults")} <small>${t("faults_count", { count: found.length })}</small></h2>
    <ul class="faults">
      ${found.map((item) => faultCard(context, item, say))}
    </ul>
  </section>`;
};

/**
 * Draw one finding with what can be said of it.
 * @param {Context} context
 * @param {{ device: any, alarm: any }} found
 * @param {(text: string) => void} say
 */
const faultCard = (context, { device, alarm }, say) => {
  const { t, clock, hass } = context;
  const name = nameOf(hass, alarm.entity);
  const act = (/** @type {string} */ action) => (/** @type {Event} */ event) => tell(context, { action, alarm, name, event, say });
  const button = (/** @type {string} */ action, /** @type {string} */ icon) =>
    html`<button class="plain" aria-label=${`${t(action)}: ${name}`} title=${t(`${action}_help`)} @click=${act(action)}>
      <ha-icon icon=${icon} aria-hidden="true"></ha-icon>${t(action)}
    </button>`;
  return html`<li class="card fault ${toneOf(alarm.severity)}">
    <div class="what">
      <ha-icon class="sign" icon=${iconOf(alarm.severity)} aria-hidden="true"></ha-icon>
      <div>
        <h3>
          <button class="name" @click=${(/** @type {any} */ event) => openDetails(event.target, alarm.entity)}>${name}</button>
          <span class="chip ${toneOf(alarm.severity)}">${t(`severity_${alarm.severity}`)}</span>
          <span class="chip">${faultText(hass, alarm.type)}</span>
        </h3>
        <p class="quiet">${t("fault_since", { time: clock.moment(Date.parse(alarm.since)), device: device.title })}</p>
      </div>
    </div>
    <p>${alarm.evidence}</p>
    <div class="row">
      ${button("snooze", "mdi:sleep")}${button("false_alarm", "mdi:thumb-down-outline")}${button("serviced", "mdi:wrench-check-outline")}
    </div>
  </li>`;
};

/**
 * Tell Inkling what a person knows of a finding.
 * @param {Context} context
 * @param {{ action: string, alarm: any, name: string, event: Event, say: (text: string) => void }} told
 */
const tell = async ({ t, hass }, { action, alarm, name, event, say }) => {
  const root = /** @type {any} */ (event.target).getRootNode();
  const question = { root, title: name, text: t(`${action}_ask`), yes: t(action) };
  if (action !== "snooze" && !(await ask(t, question))) return;
  const data = action === "snooze" ? { duration: { days: SNOOZE_DAYS } } : {};
  try {
    await hass.callService("inkling", action, { ...data, entity_id: alarm.entity }, undefined, false);
    say(t(`${action}_done`, { name }));
  } catch (error) {
    say(t("not_done", { error: messageOf(error) }));
  }
};

/**
 * Draw every watched device.
 * @param {Context} context
 */
export const devicesSection = (context) => {
  const { t, parts, hass } = context;
  const rank = (/** @type {any} */ device) => STATES.indexOf(device.state ?? "ok");
  const devices = partsOf(parts, "device", hass.language).sort((a, b) => rank(a) - rank(b));
  return html`<section aria-labelledby="devices">
    <h2 id="devices">${t("devices")}</h2>
    <div class="card">
      ${devices.length === 0
        ? note(t("no_devices"), { icon: "mdi:stethoscope", ...toIntegration(context) })
        : html`<ul class="devices">${devices.map((device) => deviceRow(context, device))}</ul>`}
    </div>
  </section>`;
};

/**
 * Draw a watched device.
 * @param {Context} context
 * @param {any} device
 */
const deviceRow = (context, device) => {
  const { t, numbers } = context;
  const score = device.score ?? null;
  const text = score === null ? t("score_unknown") : t("score_told", { score: numbers.plain(score) });
  const open = (/** @type {any} */ event) => openDetails(event.target, device.entities.fault);
  return html`<li>
    <button class="head device" aria-label=${t("details_of", { name: device.title })} @click=${open}>
      <span class="badge"><ha-icon icon=${device.is_everything ? "mdi:home-analytics" : "mdi:stethoscope"} aria-hidden="true"></ha-icon></span>
      <span class="titles">
        <span class="title">${device.title}</span>
        <span class="state">${t("signals_count", { count: device.signals })}</span>
      </span>
      <span class="meter" title=${text}>
        <span class="hidden">${text}</span>
        <span class="filled ${score !== null && score >= 100 ? "bad" : ""}" style="width:${score ?? 0}%"></span>
      </span>
      <span class="chip ${TONES[device.state] ?? ""}">${stateText(context, device)}</span>
    </button>
  </li>`;
};

/**
 * Return how far a device is, in words.
 * @param {Context} context
 * @param {any} device
 */
const stateText = ({ t, clock, numbers }, device) => {
  if (device.state === "learning") {
    const days = { days: numbers.plain(Math.floor(device.history_days ?? 0)), all: numbers.plain(device.learning_days) };
    return t("watch_learning", days);
  }
  if (device.state === "paused" && device.snoozed_until) {
    return t("watch_paused_until", { time: clock.date(Date.parse(device.snoozed_until)) });
  }
  return t(`watch_${device.state ?? "unknown"}`);
};

export const faultsStyles = css`
  .faults {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr));
    gap: 12px;
  }
  .fault {
    display: flex;
    flex-direction: column;
    gap: 12px;
    padding: 16px;
    border-inline-start: 4px solid var(--divider-color);
  }
  .fault.bad {
    border-inline-start-color: var(--error-color, #db4437);
  }
  .fault.warn {
    border-inline-start-color: var(--warning-color, #ffa600);
  }
  .fault .row {
    margin-top: auto;
  }
  .what {
    display: flex;
    gap: 12px;
  }
  .what h3 {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 8px;
    align-items: center;
  }
  .sign {
    flex: none;
    color: var(--inkling-quiet);
  }
  .bad .sign {
    color: var(--inkling-bad);
  }
  .warn .sign {
    color: var(--inkling-warn);
  }
  .name {
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-align: start;
    cursor: pointer;
  }
  .name:hover {
    text-decoration: underline;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .devices {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr));
    padding: 8px;
  }
  .meter {
    flex: none;
    width: 72px;
    height: 6px;
    overflow: hidden;
    border-radius: 3px;
    background: var(--inkling-ground);
  }
  .meter .filled {
    display: block;
    height: 100%;
    border-radius: 3px;
    background: var(--inkling-color);
  }
  .meter .filled.bad {
    background: var(--error-color, #db4437);
  }
  @container panel (max-width: 480px) {
    .meter {
      display: none;
    }
    .fault .row .plain {
      flex: 1 1 auto;
    }
  }
`;
