/**
 * The one place at which commands print. Much of what they print comes from stores and events: control characters in it
 * could clear the operator's screen, write the clipboard or hide text, so they are printed as JSON writes them.
 */

/** C0, DEL and C1, the separators that end a line, and the marks that turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** A JSON text stays the same JSON. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A line of the result, on stdout. */
export function printLine(text = ''): void {
  console.log(escapeControls(text));
}

/** The result for programs, in one line. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value));
}

/** What people should know besides the result, on stderr: line breaks stay. */
export function printNote(text: string): void {
  console.error(text.split('\n').map(escapeControls).join('\n'));
}

/** Clears the screen and begins at its top. */
const REDRAW = '\u001b[2J\u001b[H';

/** Before what is printed next in place of what is there, where people read it. */
export function clearScreen(): void {
  if (process.stdout.isTTY) process.stdout.write(REDRAW);
}
