/** `evidence UPDATE` prints what the chain signs of it, for a file; `verify FILE` tells whether it is still that. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { allParts } from '../../domain/protocol/evidence-statement.ts';
import { operations } from '../../domain/protocol/http-api.ts';
import type { ApiClient } from '../api-client.ts';
import { CommandError, NotFoundError, UsageError } from '../errors.ts';
import { keyInFile, keyOfSystem, type NamedKey, saveKey } from '../evidence/public-key.ts';
import { type VerifiedEvidence, verifiedEvidence } from '../evidence/verified-evidence.ts';
import { partsOf, summaryOf } from '../list-delivery.ts';
import { printJson, printLine, printNote } from '../print.ts';
import { loadTarget } from '../target.ts';
import { printList } from '../text-table.ts';

interface VerifyOptions {
  outputs?: string;
  key?: string;
  saveKey?: string;
  json?: boolean;
}

export function addEvidenceCommands(program: Command): void {
  program
    .command('evidence')
    .description('signed evidence of who has applied an update, or each part of a list of prices, for a file')
    .argument('<update>', 'id of an update or of a list')
    .action(async (id: string, _options, command: Command) => {
      const { api } = loadTarget(command.optsWithGlobals<{ outputs?: string }>().outputs);
      try {
        await printEvidence(api, id);
      } catch (error) {
        const parts = error instanceof NotFoundError ? await partsOf(api, id) : [];
        if (parts.length === 0) throw error;
        for (const part of parts) await printEvidence(api, part);
      }
    });
  program
    .command('verify')
    .description('whether evidence in a file is as the chain signed it')
    .argument('[file]', 'what npx storecast evidence has printed')
    .option('--key <file>', "the public key in PEM (default: KMS is asked for the system's own)")
    .option('--save-key <file>', 'write the public key of the system there, for --key')
    .option('--json', 'print what is signed as JSON')
    .action((file: string | undefined, _options, command: Command) =>
      verify(file, command.optsWithGlobals<VerifyOptions>()),
    );
}

async function printEvidence(api: ApiClient, id: string): Promise<void> {
  const parts = await allParts(cursor =>
    api.call(operations.getEvidence, { parameters: { id }, query: { cursor } }),
  );
  for (const jws of parts) printJson(jws);
}

async function verify(file: string | undefined, options: VerifyOptions): Promise<void> {
  if (file === undefined && options.saveKey === undefined)
    throw new UsageError('name a file of evidence, or where the key is to be saved: --save-key FILE');
  const key = await keyFor(options);
  if (options.saveKey !== undefined) {
    saveKey(key, options.saveKey);
    printNote(`the public key ${key.keyId} is in ${options.saveKey}`);
  }
  if (file === undefined) return;
  const verified = await verifyFile(file, key);
  if (options.json) {
    const items = verified.map(({ keyId, statement }) => ({ keyId, ...statement }));
    printList(items, {}, true);
  } else for (const evidence of verified) printLine(describe(evidence));
}

async function keyFor({ key, outputs, saveKey: path }: VerifyOptions): Promise<NamedKey> {
  if (key === undefined) return keyOfSystem(loadTarget(outputs));
  if (path !== undefined) throw new UsageError('--save-key asks the system for its key, and --key has one');
  return keyInFile(key);
}

/** @throws CommandError that names the file */
async function verifyFile(file: string, key: NamedKey): Promise<VerifiedEvidence[]> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} can't be read`, { cause: error });
  }
  try {
    return await verifiedEvidence(text, key);
  } catch (error) {
    if (error instanceof CommandError) throw new CommandError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

function describe({ keyId, statement }: VerifiedEvidence): string {
  const { after, delivery, madeAt, madeBy, update } = statement;
  const part = after === null ? '' : `, stores after ${after}`;
  return (
    `✔ update ${update.updateId} (${update.kind}, published ${update.publishedAt})${part}: ${summaryOf(delivery)}; ` +
    `signed ${madeAt} by ${madeBy.deployment} with key ${keyId}`
  );
}
