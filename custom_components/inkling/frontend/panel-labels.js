// @ts-check
/** What people have told: every label by what it is about, and a way to take one back. */

import { css, html, LitElement, nothing } from "./lit.js";
import { ask, faultText, messageOf, note, waiting } from "./panel-parts.js";
import { frameStyles } from "./panel-frame.js";
import { panelStyles } from "./panel-styles.js";

const ICONS = /** @type {Record<string, string>} */ ({ room: "mdi:door", home: "mdi:home-account", signal: "mdi:stethoscope" });
const OCCUPANCY = new Set(["occupied", "vacant", "normal"]);

/** A list of labels. */
class InklingPanelLabels extends LitElement {
  static properties = {
    context: { attribute: false },
    say: { attribute: false },
    targets: { state: true },
    failed: { state: true },
  };

  static styles = [
    panelStyles,
    frameStyles,
    css`
      :host {
        min-height: 0;
        background: none;
      }
      .target {
        margin-bottom: 16px;
      }
      .top {
        display: flex;
        gap: 12px;
        align-items: center;
        padding: 14px 16px 6px;
      }
      .top ha-icon {
        color: var(--inkling-quiet);
      }
      .top h3 {
        flex: 1;
      }
      tbody :is(th, td) {
        vertical-align: middle;
      }
      td.act {
        width: 1%;
        padding-block: 4px;
      }
    `,
  ];

  /** Begin with nothing known. */
  constructor() {
    super();
    /** @type {any[] | null} */
    this.targets = null;
    this.failed = "";
  }

  /** Ask when shown. */
  connectedCallback() {
    super.connectedCallback();
    this.load();
  }

  /** Ask for every label that the user may read. */
  async load() {
    await this.updateComplete;
    try {
      ({ targets: this.targets } = await this.context.hass.callWS({ type: "inkling/labels" }));
      this.failed = "";
    } catch (error) {
      this.failed = messageOf(error);
    }
  }

  /** Draw the list. */
  render() {
    const { t } = this.context;
    const told = (this.targets ?? []).filter(({ labels }) => labels.length > 0);
    const head = html`<h2>${t("page_labels")}</h2><p class="intro quiet">${t("labels_intro")}</p>`;
    if (this.failed) return html`${head}<div class="card">${note(t("labels_failed", { error: this.failed }), { icon: "mdi:alert-circle-outline", tone: "warn" })}</div>`;
    if (this.targets === null) return html`${head}<div class="card">${waiting(t("loading"))}</div>`;
    if (told.length === 0) return html`${head}<div class="card">${note(t("no_labels"), { icon: "mdi:tag-off-outline" })}</div>`;
    return html`${head}${told.map((target) => this.target(target))}`;
  }

  /**
   * Draw the labels of a room, the home or a sensor.
   * @param {any} target
   */
  target({ name, kind, held, labels }) {
    const { t, clock, isAdmin } = this.context;
    const until = held && t(held.occupied ? "held_occupied" : "held_vacant", { time: clock.moment(Date.parse(held.until)) });
    return html`<section class="card target">
      <div class="top">
        <ha-icon icon=${ICONS[kind] ?? ICONS.room} aria-hidden="true"></ha-icon>
        <h3>${name}</h3>
        ${until ? html`<span class="chip good">${until}</span>` : nothing}
      </div>
      <div class="scroll" tabindex="0" role="group" aria-label=${name}>
        <table>
          <thead>
            <tr>
              ${["label", "from", "to"].map((key) => html`<th scope="col">${t(`labels_${key}`)}</th>`)}
              ${isAdmin ? html`<th scope="col"><span class="hidden">${t("delete")}</span></th>` : nothing}
            </tr>
          </thead>
          <tbody>
            ${labels.map((/** @type {any} */ label) => this.label(name, label))}
          </tbody>
        </table>
      </div>
    </section>`;
  }

  /**
   * Draw one label.
   * @param {string} name
   * @param {any} label
   */
  label(name, label) {
    const { t, clock, isAdmin } = this.context;
    const text = labelText(this.context, label.label);
    const when = (/** @type {string} */ moment) => `${clock.date(Date.parse(moment))}, ${clock.time(Date.parse(moment))}`;
    return html`<tr>
      <th scope="row"><span class="chip ${label.label === "occupied" ? "good" : ""}">${text}</span></th>
      <td>${when(label.start)}</td>
      <td>${when(label.end)}</td>
      ${isAdmin
        ? html`<td class="act">
            <button class="plain" aria-label=${t("label_delete_of", { label: text, name, time: when(label.start) })} @click=${() => this.forget(name, label)}>
              <ha-icon icon="mdi:delete-outline" aria-hidden="true"></ha-icon>${t("delete")}
            </button>
          </td>`
        : nothing}
    </tr>`;
  }

  /**
   * Take a label back, with all that it taught.
   * @param {string} name
   * @param {any} label
   */
  async forget(name, label) {
    const { t, hass } = this.context;
    const text = t("label_delete_ask", { label: labelText(this.context, label.label) });
    if (!(await ask(t, { root: this.renderRoot, title: name, text, yes: t("delete") }))) return;
    try {
      await hass.callWS({ type: "inkling/label_delete", label_id: label.id });
      this.say(t("label_deleted", { name }));
    } catch (error) {
      this.say(t("not_done", { error: messageOf(error) }));
    }
    await this.load();
  }
}

/**
 * Return a label in words.
 * @param {import("./panel-parts.js").Context} context
 * @param {string} label
 */
const labelText = ({ t, hass }, label) =>
  OCCUPANCY.has(label) ? t(`label_${label}`) : faultText(hass, label.replace("fault:", ""));

if (!customElements.get("inkling-panel-labels")) customElements.define("inkling-panel-labels", InklingPanelLabels);
