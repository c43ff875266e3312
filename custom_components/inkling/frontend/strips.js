// @ts-check
/** Rows of bars on the ribbon's time axis: when the room was occupied, what moved, which door stood open. */

import { css, html, nothing, svg } from "./lit.js";
import { merged } from "./series.js";
import { across } from "./shapes.js";

/** @typedef {import("./ribbon.js").Axis} Axis */
/** @typedef {import("./series.js").Span} Span */

/** Narrower than this a bar would not be seen; in thousandths of the width. */
const LEAST = 2.5;

/**
 * @typedef {object} Strip
 * @property {string} kind a class that gives the bars their look
 * @property {string} icon
 * @property {string} label
 * @property {string} told what a screen reader says of it
 * @property {Span[]} past
 * @property {Span[]} [ahead] what is expected
 */

/**
 * Return bars as one path along the middle of the row.
 * @param {Axis} axis
 * @param {Span[]} found
 */
export const bars = (axis, found) => {
  const closest = ((axis.end - axis.start) * LEAST) / 2000;
  return merged(found, closest)
    .map(({ from, to }) => [across(axis, from), across(axis, to)])
    .map(([x0, x1]) => `M${x0} 5H${Math.max(x1, x0 + LEAST)}`)
    .join("");
};

/**
 * Draw one row.
 * @param {Axis} axis
 * @param {Strip} strip
 */
export const stripRow = (axis, { kind, icon, label, told, past, ahead = [] }) => html`<div class="strip ${kind}">
  <div class="name"><ha-icon icon=${icon} aria-hidden="true"></ha-icon><span>${label}</span></div>
  <div class="bars" role="img" aria-label=${told}>
    <svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
      <path class="past" d=${bars(axis, past)} />
      ${ahead.length === 0 ? nothing : svg`<path class="ahead" d=${bars(axis, ahead)} />`}
    </svg>
  </div>
</div>`;

export const stripStyles = css`
  .strip {
    display: contents;
  }
  .strip .name {
    display: flex;
    align-items: center;
    gap: 4px;
    min-width: 0;
    color: var(--secondary-text-color);
    font-size: 12px;
    line-height: 16px;
    --mdc-icon-size: 16px;
  }
  .strip .name span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .strip .bars {
    position: relative;
    align-self: center;
    height: 12px;
    border-radius: 4px;
    background: var(--inkling-ground);
    overflow: hidden;
  }
  .strip svg {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
  }
  .strip path {
    fill: none;
    stroke: var(--inkling-color);
    stroke-width: 12px;
    vector-effect: non-scaling-stroke;
  }
  .strip .ahead {
    stroke-dasharray: 2 2;
    stroke-opacity: 0.7;
  }
  .strip.movement path {
    stroke: var(--primary-text-color);
    stroke-opacity: 0.62;
  }
  .strip.doors path {
    stroke: var(--inkling-door-color);
    stroke-width: 6px;
  }
`;
