/** Ids and times in the forms that API Gateway gives them. */
import { randomBytes } from 'node:crypto';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Eleven bytes in URL-safe base64 with its padding, like `L0SM9cOFvHcCIhw=`: code that forgets to encode the `=` shows up here. */
export function createGatewayId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

/** Whether API Gateway could have given this id: it refuses others before it looks for a connection. */
export function isGatewayId(id: string): boolean {
  return /^[\w-]{15}=$/.test(id);
}

/** A request's time in the form of the Common Log Format, `09/Feb/2024:18:11:43 +0000`. */
export function requestTime(epochMs: number): string {
  const [date = '', time = ''] = new Date(epochMs).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}

/** AWS's trace header, which every integration sees. */
export function traceId(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}
