// @ts-check
/** Two scores as bars, one above the other, and the look of the report card. */

import { css, html } from "./lit.js";

/**
 * Draw our score above a rule's; the longer bar is the worse one.
 * @param {import("./panel-parts.js").Context} context
 * @param {{ ours: number, theirs: number, rule: string, digits: number }} scores
 */
export const pair = ({ t, numbers }, { ours, theirs, rule, digits }) => {
  const longest = Math.max(ours, theirs, 1e-9);
  const bar = (/** @type {number} */ value, /** @type {string} */ look) => html`<span class="pair-row" aria-hidden="true">
    <span class="pair-bar"><span class=${look} style="width:${(value / longest) * 100}%"></span></span>
    <span class="pair-number">${numbers.plain(value, digits)}</span>
  </span>`;
  return html`<span class="hidden">${t("pair_told", { ours: numbers.plain(ours, digits), theirs: numbers.plain(theirs, digits), rule })}</span>
    ${bar(ours, "ours")}${bar(theirs, "")}`;
};

/** The judges that manifests name, by the key of their sentence; a number in the name goes into the sentence. */
const JUDGES = /** @type {[RegExp, string][]} */ ([
  [/^model$/, "this_model"],
  [/^motion held (\d+) min$/, "peer_motion_held"],
  [/^last motion wins$/, "peer_last_motion"],
  [/^last motion wins \+ exit door$/, "peer_last_motion_exit"],
  [/^majority$/, "peer_majority"],
  [/^Bayesian sensor$/, "peer_bayesian"],
]);

/**
 * Return a judge in words; one that only its model's maker knows keeps the name it came with.
 * @param {import("./localize.js").Translate} t
 * @param {string} name
 */
export const judgeText = (t, name) => {
  for (const [pattern, key] of JUDGES) {
    const found = name.match(pattern);
    if (found) return t(key, { minutes: found[1] ?? "" });
  }
  return name;
};

export const reportStyles = css`
  .scores td {
    min-width: 150px;
  }
  .sub {
    display: block;
    color: var(--inkling-quiet);
    font-size: 12px;
    font-weight: 400;
    line-height: 16px;
  }
  .chip + .sub,
  .hidden + .sub {
    margin-top: 4px;
  }
  .pair-row {
    display: flex;
    gap: 8px;
    align-items: center;
    height: 16px;
    margin-bottom: 2px;
  }
  .pair-bar {
    flex: 1;
  }
  .pair-bar > span,
  .swatch {
    display: block;
    height: 8px;
    border-radius: 4px;
    background: color-mix(in srgb, var(--primary-text-color) 38%, transparent);
  }
  .pair-bar > .ours,
  .swatch.ours {
    background: var(--inkling-color);
  }
  .pair-number {
    flex: none;
    min-width: 40px;
    font-size: 12px;
    line-height: 16px;
    text-align: end;
  }
  .scores .chip {
    margin-top: 4px;
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
    margin: 8px 4px 0;
    color: var(--inkling-quiet);
    font-size: 12px;
  }
  .legend li {
    display: flex;
    gap: 8px;
    align-items: center;
  }
  .swatch {
    width: 24px;
  }
  .rules .ours {
    background: color-mix(in srgb, var(--inkling-color) 12%, transparent);
  }
  .gauge {
    display: block;
    width: 96px;
    height: 4px;
    margin: 4px 0 0 auto;
    border-radius: 2px;
    background: var(--inkling-ground);
  }
  .gauge > span {
    display: block;
    height: 100%;
    border-radius: 2px;
    background: color-mix(in srgb, var(--primary-text-color) 38%, transparent);
  }
  .ours .gauge > span {
    background: var(--inkling-color);
  }
  @container (max-width: 640px) {
    .scores thead {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .scores tr {
      display: grid;
      grid-template-columns: 1fr 1fr;
      padding: 8px 4px;
      border-bottom: 1px solid var(--divider-color);
    }
    .scores tr:last-child {
      border-bottom: 0;
    }
    .scores :is(th, td) {
      min-width: 0;
      padding: 6px 12px;
      border-bottom: 0;
    }
    .scores th {
      grid-column: 1 / -1;
    }
    .scores td::before {
      display: block;
      margin-bottom: 2px;
      color: var(--inkling-quiet);
      content: attr(data-label);
      font-size: 12px;
    }
  }
`;
