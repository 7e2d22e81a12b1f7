/**
 * One JSON line an event, for CloudWatch Logs Insights: ids and counts only, never a token, a frame or an event.
 * All that these handlers need of a logging library, without the import of one at each cold start.
 */
type Fields = Record<string, string | number | boolean | undefined>;

function write(level: 'INFO' | 'WARN' | 'ERROR', message: string, fields: Fields): void {
  process.stdout.write(
    `${JSON.stringify({ level, message, timestamp: new Date().toISOString(), ...fields })}\n`,
  );
}

export const log = {
  info: (message: string, fields: Fields = {}): void => write('INFO', message, fields),
  warn: (message: string, fields: Fields = {}): void => write('WARN', message, fields),
  /** The stack goes to the log only: callers get a fixed sentence. */
  error(message: string, error: unknown, fields: Fields = {}): void {
    const cause =
      error instanceof Error ? { errorName: error.name, stack: error.stack } : { errorName: String(error) };
    write('ERROR', message, { ...fields, ...cause });
  },
};
