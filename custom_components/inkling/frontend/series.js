// @ts-check
/** History and forecasts as shapes over time. Pure: no page, no clock. Times are epoch milliseconds. */

/**
 * @typedef {{ t: number, state: string }} Point a state and when it began
 * @typedef {{ from: number, to: number, percent: number | null, isReplayed?: boolean }} Step a stretch of one probability, null while unknown
 * @typedef {{ from: number, to: number }} Span
 * @typedef {{ from: number, to: number, percent: number, isOccupied: boolean, isShown: boolean }} Slot
 */

/** How sensors, doors, covers and people say yes. */
const YES = new Set(["on", "open", "opening", "home", "detected", "occupied", "playing", "true"]);

/**
 * Return whether a state says yes; a number does above zero.
 * @param {string} state
 * @returns {boolean}
 */
export const isOn = (state) => YES.has(state) || Number(state) > 0;

/**
 * Return the points of the recorder's compressed rows.
 * @param {{ s: string, lu: number, lc?: number }[]} rows
 * @returns {Point[]}
 */
export const pointsOf = (rows) => rows.map((row) => ({ t: (row.lc ?? row.lu) * 1000, state: row.s }));

/**
 * Return old points followed by newer ones, which count where both know; what ended before the start is forgotten.
 * @param {Point[]} old
 * @param {Point[]} newer
 * @param {number} start
 * @returns {Point[]}
 */
export const joined = (old, newer, start) => {
  if (newer.length === 0) return old;
  const all = [...old.filter((point) => point.t < newer[0].t), ...newer];
  const first = all.findLastIndex((point) => point.t <= start);
  return first > 0 ? all.slice(first) : all;
};

/**
 * Return each point with its end, cut to a stretch of time.
 * @param {Point[]} points
 * @param {number} start
 * @param {number} end
 * @returns {(Span & { state: string })[]}
 */
const stretches = (points, start, end) =>
  points
    .map(({ t, state }, i) => ({ from: Math.max(t, start), to: Math.min(points[i + 1]?.t ?? end, end), state }))
    .filter(({ from, to }) => from < to);

/**
 * Return a probability sensor's steps; what is no number is unknown.
 * @param {Point[]} points
 * @param {number} start
 * @param {number} end
 * @returns {Step[]}
 */
export const steps = (points, start, end) =>
  stretches(points, start, end).map(({ from, to, state }) => {
    const value = state === "" ? Number.NaN : Number(state);
    return { from, to, percent: Number.isNaN(value) ? null : Math.min(100, Math.max(0, value)) };
  });

/**
 * Return when at least one of several entities said yes, in order and apart.
 * @param {Point[][]} series
 * @param {number} start
 * @param {number} end
 * @returns {Span[]}
 */
export const spans = (series, start, end) =>
  merged(series.flatMap((points) => stretches(points, start, end).filter(({ state }) => isOn(state))));

/**
 * Return spans in order, those that touch as one.
 * @param {Span[]} found
 * @param {number} gap what is as close as this touches
 * @returns {Span[]}
 */
export const merged = (found, gap = 0) => {
  /** @type {Span[]} */
  const result = [];
  for (const { from, to } of found.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && from <= last.to + gap) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
};

/**
 * Return a forecast's quarters of an hour that lie ahead.
 * @param {{ datetime: string, probability: number, is_occupied: boolean, is_shown: boolean }[]} forecast
 * @param {number} now
 * @param {number} end
 * @returns {Slot[]}
 */
export const slots = (forecast, now, end) => {
  const begun = forecast.map(({ datetime }) => Date.parse(datetime));
  return forecast
    .map(({ probability, is_occupied: isOccupied, is_shown: isShown }, i) => ({
      from: Math.max(begun[i], now),
      to: Math.min(begun[i + 1] ?? begun[i] + 900_000, end),
      percent: probability,
      isOccupied,
      isShown,
    }))
    .filter(({ from, to }) => from < to);
};

/**
 * Return the probability at an instant, null where nothing is known or shown.
 * @param {Step[]} past
 * @param {Slot[]} ahead
 * @param {number} t
 * @returns {number | null}
 */
export const percentAt = (past, ahead, t) => {
  const holds = (/** @type {Span} */ { from, to }) => from <= t && t < to;
  const slot = ahead.find(holds);
  if (slot) return slot.isShown ? slot.percent : null;
  return past.findLast(holds)?.percent ?? null;
};

/**
 * Return how long spans last within a stretch of time, in milliseconds.
 * @param {Span[]} found
 * @param {number} start
 * @param {number} end
 * @returns {number}
 */
export const lasting = (found, start = -Infinity, end = Infinity) =>
  found.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, end) - Math.max(from, start)), 0);

/**
 * Return a stretch's mean probability, null where nothing is known of it.
 * @param {{ from: number, to: number, percent: number | null }[]} found
 * @param {number} start
 * @param {number} end
 * @returns {number | null}
 */
export const meanPercent = (found, start, end) => {
  let weight = 0;
  let sum = 0;
  for (const { from, to, percent } of found) {
    const share = Math.min(to, end) - Math.max(from, start);
    if (percent === null || share <= 0) continue;
    weight += share;
    sum += share * percent;
  }
  return weight === 0 ? null : sum / weight;
};

/**
 * Return steps as the mean of each stretch of time: what a ribbon a few hundred pixels wide can show of a day.
 * @param {Step[]} found
 * @param {number} width
 * @returns {Step[]}
 */
export const smoothed = (found, width) => {
  /** @type {Step[]} */
  const result = [];
  const last = found.at(-1)?.to ?? 0;
  for (let from = found[0]?.from ?? last; from < last; from = Math.floor(from / width + 1) * width) {
    const to = Math.min(last, Math.floor(from / width + 1) * width);
    const within = found.filter((step) => step.from < to && step.to > from);
    result.push({ from, to, percent: meanPercent(within, from, to), isReplayed: within[0]?.isReplayed });
  }
  return result;
};
