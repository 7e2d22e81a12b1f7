/** esbuild gathers what is imported into one style sheet. */
declare module '*.css';
