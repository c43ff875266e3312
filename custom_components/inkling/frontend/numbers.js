// @ts-check
/** Numbers as the user's profile wants them. */

import { HOUR_MS, MINUTE_MS } from "./time.js";

/** Languages that write numbers as a choice of the profile says. */
/** @type {Record<string, string | undefined>} */
const WRITTEN_AS = {
  comma_decimal: "en-US",
  decimal_comma: "de",
  space_comma: "fr",
  quote_decimal: "de-CH",
  system: undefined,
};

/**
 * @typedef {object} Numbers
 * @property {(percent: number) => string} percent a whole percentage
 * @property {(value: number, digits?: number) => string} plain
 * @property {(milliseconds: number) => string} duration hours and minutes
 */

/** @type {{ key: string, numbers: Numbers } | null} */
let newest = null;

/**
 * Return how a user reads numbers; the same while the settings stay.
 * @param {any} hass
 * @returns {Numbers}
 */
export const numbersOf = (hass) => {
  const language = hass.locale?.language ?? hass.language ?? "en";
  const choice = hass.locale?.number_format ?? "language";
  const key = `${language}|${choice}`;
  if (newest?.key !== key) newest = { key, numbers: makeNumbers(language, choice) };
  return newest.numbers;
};

/**
 * Make formatters.
 * @param {string} language
 * @param {string} choice
 * @returns {Numbers}
 */
export const makeNumbers = (language, choice) => {
  const written = choice in WRITTEN_AS ? WRITTEN_AS[choice] : language;
  const useGrouping = choice !== "none";
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  /** @type {(unit: string) => Intl.NumberFormat} */
  const unit = (name) => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" });
  const hours = unit("hour");
  const minutes = unit("minute");
  return {
    percent: (value) => percent.format(Math.round(value) / 100),
    plain: (value, digits = 0) =>
      new Intl.NumberFormat(written, { useGrouping, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value),
    duration: (milliseconds) => {
      const total = Math.round(milliseconds / MINUTE_MS);
      const whole = Math.floor(total / (HOUR_MS / MINUTE_MS));
      const rest = total % 60;
      if (whole === 0) return minutes.format(rest);
      return rest === 0 ? hours.format(whole) : `${hours.format(whole)} ${minutes.format(rest)}`;
    },
  };
};
