// @ts-check
/**
 * Borrow Lit from Home Assistant, so that a page holds it once.
 *
 * Its base class is found by Lit's own mark, along the prototypes of elements that Home Assistant defines; its tags
 * where Home Assistant exposes them to cards, else made by the shapes that Lit documents for its results.
 */

/** Elements that exist on every page, the first to be defined wins. */
const HOLDERS = ["home-assistant", "home-assistant-main", "ha-panel-lovelace", "partial-panel-resolver", "ha-card"];
/** Lit's mark on its base class. */
const MARK = "_$litElement$";
/** A slow tablet needs this long to start Home Assistant at most; nobody waits longer for a card. */
const PATIENCE_MS = 90_000;

export const LIT_MISSING =
  "Inkling's card needs Home Assistant 2026.10 or newer: it found no Lit on this page. Update Home Assistant, then reload the page.";

/**
 * Return the base class below an element's, null when it is not one of Lit's.
 * @param {any} candidate
 * @returns {any}
 */
const baseOf = (candidate) => {
  let found = candidate;
  while (found && !Object.hasOwn(found, MARK)) found = Object.getPrototypeOf(found);
  return found ?? null;
};

/**
 * Return what Lit's template tags return, for a Lit that does not show its own.
 * @param {1 | 2} kind 1 for HTML, 2 for SVG
 */
const tagOf =
  (kind) =>
  /** @type {(strings: TemplateStringsArray, ...values: unknown[]) => object} */
  (strings, ...values) => ({ _$litType$: kind, strings, values });

/**
 * Return a style sheet, which Lit adopts as it adopts its own.
 * @param {TemplateStringsArray} strings
 */
const sheetOf = (strings) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(strings.join(""));
  return sheet;
};

/** A stand-in that says what is wrong where a card would be. */
class Stranded extends HTMLElement {
  /** Say it once the element is on the page. */
  connectedCallback() {
    this.textContent = LIT_MISSING;
    this.setAttribute("role", "alert");
  }
}

/** Return Lit's base class as soon as an element that has it is defined; the stand-in when none ever is. */
const findBase = async () => {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const defined = HOLDERS.map(async (tag) => {
    await customElements.whenDefined(tag);
    // Home Assistant may replace the registry while it starts, so the newest one is asked.
    const base = baseOf(window.customElements.get(tag));
    if (base === null) throw new Error(tag);
    return base;
  });
  const base = await Promise.race([Promise.any(defined).catch(() => null), late]);
  if (base) return base;
  console.error(LIT_MISSING);
  return Stranded;
};

/** @type {any} */
export const LitElement = await findBase();
/** @type {(strings: TemplateStringsArray, ...values: unknown[]) => any} */
export const html = LitElement.prototype.html ?? tagOf(1);
/** @type {(strings: TemplateStringsArray, ...values: unknown[]) => any} */
export const svg = tagOf(2);
/** @type {(strings: TemplateStringsArray, ...values: unknown[]) => any} */
export const css = LitElement.prototype.css ?? sheetOf;
/** What Lit renders as nothing at all. */
export const nothing = Symbol.for("lit-nothing");
