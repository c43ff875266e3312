// @ts-check
/** Sentences of the card and the panel, from the backend's translations, in the user's language. */

const DOMAIN = "inkling";
const CATEGORY = "config_panel";

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/** @type {Map<string, Promise<Translate>>} */
const asked = new Map();
/** @type {Map<string, Translate>} */
const known = new Map();

/**
 * Return a translator that names sentences by what follows `config_panel`; a sentence that is missing is its key.
 * @param {(key: string, values?: object) => string} localize
 * @returns {Translate}
 */
const translator = (localize) => (key, values) =>
  localize(`component.${DOMAIN}.${CATEGORY}.${key}`, values) || key;

/**
 * Load the sentences of a user's language, once a page.
 * @param {any} hass
 * @returns {Promise<Translate>}
 */
export const loadTranslate = (hass) => {
  const language = hass.language;
  const before = asked.get(language);
  if (before) return before;
  const loading = hass.loadBackendTranslation(CATEGORY, DOMAIN).then((/** @type {any} */ localize) => {
    const made = translator(localize);
    known.set(language, made);
    return made;
  });
  // A connection that broke is asked again by whoever needs the words next.
  loading.catch(() => asked.delete(language));
  asked.set(language, loading);
  return loading;
};

/**
 * Return the translator of a language if it has been loaded, null before.
 * @param {string | undefined} language
 * @returns {Translate | null}
 */
export const translateOf = (language) => known.get(language ?? "") ?? null;
