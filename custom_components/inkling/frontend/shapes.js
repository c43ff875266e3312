// @ts-check
/** Steps and slots as corners and paths. Pure. */

import { smoothed } from "./series.js";
import { MINUTE_MS } from "./time.js";

/** @typedef {import("./series.js").Step} Step */
/** @typedef {import("./series.js").Slot} Slot */
/** @typedef {import("./ribbon.js").Axis} Axis */

/** About a pixel of a ribbon on a phone: finer would be a thicket. */
const GRAIN_MS = 10 * MINUTE_MS;
export const WIDE = 1000;
export const HIGH = 100;

/**
 * Return where an instant lies, in percent of the width.
 * @param {Axis} axis
 * @param {number} t
 */
export const share = ({ start, end }, t) => ((t - start) / (end - start)) * 100;

/** @param {number} value */
const short = (value) => Number(value.toFixed(1));

/**
 * Return where an instant lies, in the drawing's units.
 * @param {Axis} axis
 * @param {number} t
 */
export const across = (axis, t) => short((share(axis, t) / 100) * WIDE);

/** @param {number} percent */
const up = (percent) => short(HIGH - percent * (HIGH / 100));

/**
 * Return runs of known steps, as corners in percent of width and height.
 * @param {Axis} axis
 * @param {Step[]} past
 * @returns {[number, number][][]}
 */
export const pastRuns = (axis, past) => {
  /** @type {[number, number][][]} */
  const runs = [];
  /** @type {[number, number][] | null} */
  let run = null;
  for (const { from, to, percent } of smoothed(past, GRAIN_MS)) {
    if (percent === null) {
      run = null;
      continue;
    }
    if (run === null) runs.push((run = [[share(axis, from), percent]]));
    run.push([share(axis, (from + to) / 2), percent]);
  }
  return runs;
};

/**
 * Return runs of slots that may be shown, as corners in percent of width and height, through the middle of each slot.
 * @param {Axis} axis
 * @param {Slot[]} ahead
 * @param {number | null} current the probability now, from which the forecast goes on
 * @returns {[number, number][][]}
 */
export const aheadRuns = (axis, ahead, current) => {
  /** @type {[number, number][][]} */
  const runs = [];
  let run = null;
  for (const [i, { from, to, percent, isShown }] of ahead.entries()) {
    if (!isShown) {
      run = null;
      continue;
    }
    if (run === null) {
      run = /** @type {[number, number][]} */ ([[share(axis, from), i === 0 && current !== null ? current : percent]]);
      runs.push(run);
    }
    run.push([share(axis, (from + to) / 2), percent]);
    if (!ahead[i + 1]?.isShown) run.push([share(axis, to), percent]);
  }
  return runs;
};

/** @param {[number, number][]} run */
export const linePath = (run) => `M${run.map(([x, percent]) => `${short(x * 10)} ${up(percent)}`).join("L")}`;

/** @param {[number, number][]} run */
export const areaPath = (run) => `${linePath(run)}L${short(run[run.length - 1][0] * 10)} ${HIGH}L${short(run[0][0] * 10)} ${HIGH}Z`;

/** @param {[number, number][]} run */
export const clip = (run) => {
  const top = run.map(([x, percent]) => `${short(x)}% ${short(100 - percent)}%`);
  const [first, last] = [run[0][0], run[run.length - 1][0]];
  return `polygon(${short(first)}% 100%, ${top.join(", ")}, ${short(last)}% 100%)`;
};
