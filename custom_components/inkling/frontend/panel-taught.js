// @ts-check
/** What labels taught each room: its answers where users said better, the model alone beside what was shown. */

import { html, nothing } from "./lit.js";

/** @typedef {import("./panel-parts.js").Context} Context */

const DIGITS = 3;

/**
 * Draw what labels taught, nothing where there are none.
 * @param {Context} context
 * @param {any[]} monitors
 */
export const taughtSection = (context, monitors) => {
  const { t } = context;
  const told = monitors.filter(({ feedback }) => feedback.labels > 0);
  if (told.length === 0) return nothing;
  return html`<section aria-labelledby="taught">
    <h2 id="taught">${t("taught")}</h2>
    <p class="intro quiet">${t("taught_intro")}</p>
    <div class="card scroll" tabindex="0" role="group" aria-label=${t("taught")}>
      <table>
        <thead>
          <tr>
            <th scope="col">${t("room")}</th>
            ${["page_labels", "taught_right", "figure_brier", "taught_shift"].map((key) => html`<th scope="col" class="number">${t(key)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${told.map((monitor) => taughtRow(context, monitor))}
        </tbody>
      </table>
    </div>
  </section>`;
};

/**
 * Draw one room.
 * @param {Context} context
 * @param {any} monitor
 */
const taughtRow = ({ t, numbers }, { title, is_home: isHome, feedback }) => {
  const { labels, accuracy, brier, shift_log_odds: shift } = feedback;
  const percent = (/** @type {number} */ share) => numbers.percent(share * 100);
  const moved = shift === undefined || shift === 0 ? t("taught_none") : t("taught_moved", { percent: percent(1 / (1 + Math.exp(-shift))) });
  return html`<tr>
    <th scope="row">${isHome ? t("home") : title}</th>
    <td class="number">${numbers.plain(labels)}</td>
    <td class="number">${both(t, accuracy, percent)}</td>
    <td class="number">${both(t, brier, (value) => numbers.plain(value, DIGITS))}</td>
    <td class="number">${moved}</td>
  </tr>`;
};

/**
 * Return a figure of the model alone and as it was shown, in words.
 * @param {import("./localize.js").Translate} t
 * @param {{ before: number | null, after: number | null } | undefined} figure
 * @param {(value: number) => string} written
 */
const both = (t, figure, written) => {
  if (!figure || figure.before === null || figure.after === null) return t("taught_unscored");
  return t("taught_both", { before: written(figure.before), after: written(figure.after) });
};
