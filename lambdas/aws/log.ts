/**
 * Writes one JSON line for each event, for CloudWatch Logs Insights: ids and counts only, never a token, a frame or an
 * event. Metrics go into the same line. The handlers need no more of a logging library, and save its import at each
 * cold start.
 */
import { embedded, type Metrics } from './metric-lines.ts';

type Fields = Record<string, string | number | boolean | readonly string[] | undefined>;

function write(level: 'INFO' | 'WARN' | 'ERROR', message: string, fields: Fields, metrics: Metrics): void {
  const now = new Date();
  const line = { level, message, timestamp: now.toISOString(), ...fields };
  process.stdout.write(`${JSON.stringify({ ...line, ...embedded(metrics, now.getTime()) })}\n`);
}

export const log = {
  info: (message: string, fields: Fields = {}, metrics: Metrics = {}): void =>
    write('INFO', message, fields, metrics),
  warn: (message: string, fields: Fields = {}, metrics: Metrics = {}): void =>
    write('WARN', message, fields, metrics),
  /** The stack goes to the log only: callers get a fixed sentence. */
  error(message: string, error: unknown, fields: Fields = {}, metrics: Metrics = {}): void {
    const cause =
      error instanceof Error ? { errorName: error.name, stack: error.stack } : { errorName: String(error) };
    write('ERROR', message, { ...fields, ...cause }, metrics);
  },
};
