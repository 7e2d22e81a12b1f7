/**
 * Chromium without a language reports one that its own Intl refuses (`en-US@posix`), and uPlot asks by it the moment it
 * is imported: imported before uPlot, this puts a language in its place that there is.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}
