/** What API Gateway does with a line where its documentation is silent, or is to be held to its word. */
import { operations } from '../../domain/protocol/http-api.ts';
import { SUBPROTOCOL } from '../../domain/protocol/subprotocols.ts';
import { type Finding, ok, unchecked } from './finding.ts';
import { eventually, onLine, type Probe, tried } from './probe.ts';
import { type Ending, openLine } from './probe-line.ts';

const THE_LINE = 'docs/protocol.md says what clients rely on; the log of connect and of authorize says why';

/** Browsers can bring a token in no other way: no header of theirs could be an identity source. */
export function checkSubprotocol(probe: Probe): Promise<Finding> {
  return tried('handshake', 'log of authorize: an identity source that is missing is refused before it', () =>
    onLine(
      probe,
      async ({ protocol }) => {
        if (protocol !== SUBPROTOCOL) throw new Error(`it selects the sub-protocol '${protocol}'`);
        return 'a token by sub-protocol alone opens a line: the authorizer is asked without identity sources';
      },
      'sub-protocol',
    ),
  );
}

/** @param isOpen whether a line was opened there by sub-protocol */
export function checkDomain({ endpoint }: Probe, isOpen: boolean): Finding {
  const { hostname } = new URL(endpoint);
  const isOwn = !/\.execute-api\.|^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
  if (isOwn && isOpen) return ok('own domain', `${hostname} passes token and sub-protocol on`);
  const why = isOwn ? 'no line was opened there' : 'the stores have no domain name of their own';
  return unchecked('own domain', why, 'settings storeDomainName and certificateArn');
}

export function checkTakeover(probe: Probe): Promise<Finding> {
  return tried('takeover', "the log of live: the connections' stream tells it of a newer line", () =>
    onLine(probe, async older => {
      const newer = await openLine(probe, 'sub-protocol');
      try {
        await older.next('the frame that it is replaced', isReplaced);
        const ending = await older.ending();
        await newer.ask({ action: 'ping' }, 'pong');
        return `a newer line takes the place; the older is told and ended with ${words(ending)}`;
      } finally {
        await newer.close();
      }
    }),
  );
}

const isReplaced = ({ type, reason }: Record<string, unknown>) => type === 'closing' && reason === 'replaced';

export function checkClose(probe: Probe): Promise<Finding> {
  const parameters = { id: probe.storeId };
  return tried('close', THE_LINE, () =>
    onLine(probe, async line => {
      await line.ask({ action: 'ping' }, 'pong');
      await probe.target.api.call(operations.closeConnection, { parameters });
      return `a line that head office closes ends with ${words(await line.ending())}`;
    }),
  );
}

/** Nobody else takes the store off the registry so soon. */
export function checkDisconnect(probe: Probe): Promise<Finding> {
  const { storeId, target } = probe;
  return tried(
    '$disconnect',
    'log of disconnect: is the context of the authorizer in its event',
    async () => {
      await onLine(probe, line => line.ask({ action: 'ping' }, 'pong'));
      await eventually(probe, 'the store is off the registry', async () => {
        const { connected } = await target.api.call(operations.getStore, { parameters: { id: storeId } });
        return connected ? undefined : true;
      });
      return 'a line that its client closes is off the registry: $disconnect knows whose it was';
    },
  );
}

const OVERSIZED = 33 * 1_024;

export function checkLargeFrame(probe: Probe): Promise<Finding> {
  const frame = JSON.stringify({ action: 'ping', filling: 'x'.repeat(OVERSIZED) });
  return checkEnding('large frame', frame, 1009, probe);
}

export function checkBinaryFrame(probe: Probe): Promise<Finding> {
  return checkEnding('binary frame', Buffer.from('{"action":"ping"}'), 1003, probe);
}

function checkEnding(check: string, data: string | Buffer, code: number, probe: Probe): Promise<Finding> {
  return tried(check, THE_LINE, () =>
    onLine(probe, async line => {
      await line.ask({ action: 'ping' }, 'pong');
      line.sendRaw(data);
      const ending = await line.ending();
      if (ending.code !== code) throw new Error(`it ends the line with ${words(ending)}, not ${code}`);
      return `it ends the line with ${words(ending)}`;
    }),
  );
}

function words({ code, reason }: Ending): string {
  return reason === '' ? String(code) : `${code} (${reason})`;
}
