// @ts-check
/**
 * The ribbon: what was and what is expected, over one time axis with a mark for now.
 *
 * Shapes are drawn in thousandths of the width and stretched, so that nothing is measured; text is placed in percent.
 */

import { css, html, nothing, svg } from "./lit.js";
import { across, aheadRuns, areaPath, clip, HIGH, linePath, pastRuns, share, WIDE } from "./shapes.js";

export { share } from "./shapes.js";

/** @typedef {import("./series.js").Step} Step */
/** @typedef {import("./series.js").Slot} Slot */

/**
 * @typedef {object} Axis
 * @property {number} start epoch milliseconds
 * @property {number} now
 * @property {number} end
 */

/**
 * Draw the ribbon.
 * @param {object} drawn
 * @param {Axis} drawn.axis
 * @param {Step[]} drawn.past
 * @param {Slot[]} drawn.ahead
 * @param {number | null} drawn.current
 * @param {string} drawn.label what a screen reader says of the whole
 * @param {import("./time.js").AxisMark[]} [drawn.marks] where the grid stands
 */
export const ribbon = ({ axis, past, ahead, current, label, marks = [] }) => {
  const begun = past.findIndex((step) => !step.isReplayed);
  const afterwards = pastRuns(axis, begun < 0 ? past : past.slice(0, begun));
  const judged = pastRuns(axis, begun < 0 ? [] : past.slice(begun));
  // The grain ends before now; the line must not.
  if (current !== null) judged.at(-1)?.push([share(axis, axis.now), current]);
  const kinds = [
    ...afterwards.map((run) => ({ run, name: "replayed" })),
    ...judged.map((run) => ({ run, name: "" })),
  ];
  const runs = aheadRuns(axis, ahead, current);
  return html`<div class="ribbon" role="img" aria-label=${label}>
    ${runs.map((run) => html`<div class="hatch" style="clip-path:${clip(run)}"></div>`)}
    <svg viewBox="0 0 ${WIDE} ${HIGH}" preserveAspectRatio="none" aria-hidden="true">
      <path class="half" d="M0 ${HIGH / 2}H${WIDE}" />
      ${marks.map(({ t, isMidnight }) => svg`<path class=${isMidnight ? "grid day" : "grid"} d="M${across(axis, t)} 0V${HIGH}" />`)}
      ${kinds.map(({ run, name }) => svg`<path class="area ${name}" d=${areaPath(run)} /><path class="line ${name}" d=${linePath(run)} />`)}
      ${runs.map((run) => svg`<path class="line ahead" d=${linePath(run)} />`)}
    </svg>
    ${current === null ? nothing : html`<div class="dot" style="left:${share(axis, axis.now)}%;bottom:${current}%"></div>`}
  </div>`;
};

export const ribbonStyles = css`
  .ribbon {
    position: relative;
    height: var(--inkling-ribbon-height, 104px);
    border-radius: 8px;
    background: linear-gradient(
      to right,
      var(--inkling-ground) 0 50%,
      var(--inkling-ground-ahead) 50% 100%
    );
  }
  .ribbon svg,
  .hatch {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .ribbon svg {
    overflow: visible;
  }
  .ribbon path {
    fill: none;
    vector-effect: non-scaling-stroke;
  }
  .ribbon .grid,
  .ribbon .half {
    stroke: var(--divider-color);
    stroke-width: 1px;
  }
  .ribbon .half {
    stroke-dasharray: 1 4;
  }
  .ribbon .area {
    fill: var(--inkling-color);
    fill-opacity: 0.34;
  }
  .ribbon .line {
    stroke: var(--inkling-color);
    stroke-width: 2px;
    stroke-linejoin: round;
    stroke-linecap: round;
  }
  .ribbon .area.replayed {
    fill-opacity: 0.2;
  }
  .ribbon .line.replayed {
    stroke-width: 1.25px;
  }
  .ribbon .ahead {
    stroke-dasharray: 5 4;
  }
  .hatch {
    background: repeating-linear-gradient(
      -45deg,
      var(--inkling-color) 0 1px,
      transparent 1px 6px
    );
    opacity: 0.45;
  }
  .dot {
    position: absolute;
    width: 10px;
    height: 10px;
    margin: 0 0 -7px -7px;
    border: 2px solid var(--card-background-color, #fff);
    border-radius: 50%;
    background: var(--inkling-color);
  }
`;
