// @ts-check
/** Times as the user's profile wants them: language, 12 or 24 hours, zone of the browser or of the home. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Zones are whole quarters of an hour apart. */
const QUARTER_MS = 15 * MINUTE_MS;

/**
 * @typedef {object} AxisMark
 * @property {number} t epoch milliseconds
 * @property {string} label
 * @property {boolean} isMidnight
 * @property {boolean} isMinor left out where there is no room
 */

/**
 * @typedef {object} Clock
 * @property {(t: number) => string} time hours and minutes
 * @property {(t: number) => string} hour the shortest way to write a full hour
 * @property {(t: number) => string} moment weekday, hours and minutes
 * @property {(t: number) => string} day weekday
 * @property {(t: number) => string} date day, month, year
 * @property {(t: number) => string} dayMonth day and month
 * @property {(start: number, end: number, everyHours: number) => AxisMark[]} marks full hours of the local day
 */

/** @type {{ key: string, clock: Clock } | null} */
let newest = null;

/**
 * Return whether hours are counted to twelve, undefined where the language decides.
 * @param {any} locale
 * @returns {boolean | undefined}
 */
const hour12 = (locale) => {
  if (locale?.time_format === "12") return true;
  if (locale?.time_format === "24") return false;
  if (locale?.time_format !== "system") return undefined;
  return new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hour12;
};

/**
 * Return the language and zone of a user, and how hours are counted.
 * @param {any} hass
 */
const settings = (hass) => ({
  language: hass.locale?.language ?? hass.language ?? "en",
  zone: hass.locale?.time_zone === "server" ? hass.config?.time_zone : undefined,
  hour12: hour12(hass.locale),
});

/**
 * Return a user's clock; the same one while the settings stay.
 * @param {any} hass
 * @returns {Clock}
 */
export const clockOf = (hass) => {
  const { language, zone, hour12: twelve } = settings(hass);
  const key = `${language}|${zone}|${twelve}`;
  if (newest?.key !== key) newest = { key, clock: makeClock(language, zone, twelve) };
  return newest.clock;
};

/**
 * Make a clock.
 * @param {string} language
 * @param {string | undefined} zone
 * @param {boolean | undefined} twelve
 * @returns {Clock}
 */
export const makeClock = (language, zone, twelve) => {
  const cycle = twelve === undefined ? {} : { hourCycle: twelve ? "h12" : "h23" };
  /** @type {(options: object) => (t: number) => string} */
  const format = (options) => {
    const formatter = new Intl.DateTimeFormat(language, /** @type {any} */ ({ timeZone: zone, ...options }));
    return (t) => formatter.format(t);
  };
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const counted = new Intl.DateTimeFormat(language, /** @type {any} */ ({ hour: "numeric", ...cycle })).resolvedOptions();
  const time = format({ hour: "numeric", minute: "2-digit", ...cycle });
  const day = format({ weekday: "short" });
  // "6 PM" is short enough; a bare "18" reads as a number, "18:00" as a time.
  const hour = counted.hour12 ? format({ hour: "numeric", ...cycle }) : time;
  return {
    time,
    hour,
    day,
    moment: format({ weekday: "short", hour: "numeric", minute: "2-digit", ...cycle }),
    date: format({ day: "numeric", month: "short", year: "numeric" }),
    dayMonth: format({ day: "numeric", month: "short" }),
    marks: (start, end, everyHours) => {
      const found = [];
      for (let t = Math.ceil(start / QUARTER_MS) * QUARTER_MS; t <= end; t += QUARTER_MS) {
        const [hours, minutes] = parts.format(t).split(":").map(Number);
        if (minutes !== 0 || hours % everyHours !== 0) continue;
        found.push({ t, label: hours === 0 ? day(t) : hour(t), isMidnight: hours === 0, isMinor: hours % 12 !== 0 });
        // The next mark is hours away; a change of the clock moves it by one at most.
        t += Math.max(0, everyHours - 2) * HOUR_MS;
      }
      return found;
    },
  };
};
