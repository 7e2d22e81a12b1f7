/**
 * Chromium without a configured language reports one that its own Intl refuses (`en-US@posix`), and uPlot uses it at
 * import. This module is imported before uPlot and sets a valid language.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}
