/** `publish price|offer|withdraw`: puts what marketing wants onto the bus, checked by the chain's own rules first. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CsvError, parse } from 'csv-parse/sync';
import { chunks } from '../../domain/chunks.ts';
import { InvalidAmountError, toMinorUnits } from '../../domain/money.ts';
import {
  type DetailType,
  EVENT_SOURCE,
  parseEvent,
  RefusedEventError,
} from '../../domain/updates/published-events.ts';
import { checkSize, UpdateTooLargeError } from '../../domain/updates/update.ts';
import { CommandError, UsageError } from '../errors.ts';
import { loadTarget } from '../target.ts';

interface PublishOptions {
  outputs?: string;
  json?: boolean;
  region?: string[];
  group?: string[];
  store?: string[];
  currency?: string;
  validFrom?: string;
  file?: string;
}

interface Price {
  sku: string;
  amount: number;
  currency: string;
}

export function addPublishCommand(program: Command): void {
  const publish = program.command('publish').description('publish a price or an offer, or withdraw one');
  addAudience(publish.command('price'))
    .description('change prices: SKU=AMOUNT in major units, such as 4006381333931=1.99')
    .argument('[price...]', 'SKU=AMOUNT')
    .option('--currency <code>', 'ISO 4217 currency of the amounts')
    .option('--valid-from <time>', 'when they take effect, ISO 8601 with its zone')
    .option(
      '--file <csv>',
      'prices from a CSV file with the columns sku, amount and, if not by --currency, currency',
    )
    .action((prices: string[], _options, command: Command) =>
      publishPrices(prices, command.optsWithGlobals()),
    );
  addAudience(publish.command('offer'))
    .description('publish an offer: a JSON file with offerId, title, skus, discount, validUntil')
    .argument('<file>', 'JSON file')
    .action((file: string, _options, command: Command) => publishOffer(file, command.optsWithGlobals()));
  addAudience(publish.command('withdraw'))
    .description('withdraw an offer')
    .argument('<offer>', 'the offerId')
    .action((offerId: string, _options, command: Command) =>
      publishAll('OfferWithdrawn', [{ offerId }], command.optsWithGlobals()),
    );
}

function addAudience(command: Command): Command {
  return command
    .option('--region <region...>', 'only stores of these regions')
    .option('--group <group...>', 'only stores of these groups')
    .option('--store <store...>', 'only these stores')
    .option('--json', 'print JSON');
}

async function publishPrices(given: string[], flags: PublishOptions): Promise<void> {
  const { texts, options } = regroup(given, flags);
  const prices = options.file === undefined ? [] : readPrices(options.file, options.currency);
  for (const text of texts) {
    const [sku = '', amount, ...rest] = text.split('=');
    if (amount === undefined || rest.length > 0) throw new UsageError(`'${text}' is not SKU=AMOUNT`);
    if (options.currency === undefined) throw new UsageError('--currency is missing');
    prices.push({ sku, amount: minorUnits(amount, options.currency), currency: options.currency });
  }
  if (prices.length === 0) throw new UsageError('name a price as SKU=AMOUNT, or a file of them by --file');
  const { validFrom } = options;
  const details = chunks(prices, PRICES_PER_UPDATE).map(part => ({
    prices: part,
    ...(validFrom === undefined ? {} : { validFrom }),
  }));
  await publishAll('PriceChanged', details, options);
}

/** `--region north A=1.99`: an option that takes several values takes the prices behind it as well; names have no `=`. */
function regroup(prices: string[], options: PublishOptions): { texts: string[]; options: PublishOptions } {
  const texts = [...prices];
  const named: PublishOptions = { ...options };
  for (const option of ['region', 'group', 'store'] as const) {
    const values = options[option];
    if (values === undefined) continue;
    texts.push(...values.filter(value => value.includes('=')));
    named[option] = values.filter(value => !value.includes('='));
  }
  return { texts, options: named };
}

function readPrices(file: string, currency: string | undefined): Price[] {
  const rows = parseCsv(file);
  return rows.map((row, index) => {
    const { sku, amount, currency: own = currency } = row;
    const line = index + 2;
    if (!sku || !amount || !own) {
      throw new CommandError(
        `${file} line ${line}: needs the columns sku, amount and currency (or --currency)`,
      );
    }
    return { sku, amount: minorUnits(amount, own, `${file} line ${line}: `), currency: own };
  });
}

function parseCsv(file: string): Record<string, string | undefined>[] {
  try {
    return parse(readText(file), { columns: true, skip_empty_lines: true, trim: true, bom: true });
  } catch (error) {
    if (error instanceof CsvError)
      throw new CommandError(`${file} is not a CSV file with commas: ${error.message}`);
    throw error;
  }
}

/** About 60 bytes a price: so many fit one update with room to spare. */
const PRICES_PER_UPDATE = 250;

function minorUnits(text: string, currency: string, where = ''): number {
  try {
    return toMinorUnits(text, currency);
  } catch (error) {
    if (error instanceof InvalidAmountError) throw new UsageError(where + error.message);
    throw error;
  }
}

async function publishOffer(file: string, options: PublishOptions): Promise<void> {
  let detail: unknown;
  try {
    detail = JSON.parse(readText(file));
  } catch (error) {
    // The error's own message quotes the file, and workflows keep what is on stderr.
    if (error instanceof SyntaxError) throw new CommandError(`${file} is not JSON`);
    throw error;
  }
  await publishAll('OfferPublished', [detail as object], options);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} can't be read: ${error instanceof Error ? error.message : error}`);
  }
}

async function publishAll(type: DetailType, contents: object[], options: PublishOptions): Promise<void> {
  const audience = audienceOf(options);
  const details = contents.map(content => ({ ...content, ...(audience === undefined ? {} : { audience }) }));
  const isFromFile = type === 'OfferPublished' || options.file !== undefined;
  for (const detail of details) refuseInvalid(type, detail, isFromFile ? CommandError : UsageError);
  const target = loadTarget(options.outputs);
  for (const detail of details) {
    const eventId = await target.putEvent(EVENT_SOURCE, type, detail);
    // A detail's own id wins over the event's.
    const updateId = (detail as { updateId?: string }).updateId ?? eventId;
    console.log(options.json ? JSON.stringify({ updateId }) : `published ${updateId}`);
  }
}

function audienceOf({ region, group, store }: PublishOptions) {
  if (!region && !group && !store) return undefined;
  return {
    ...(region ? { regions: region } : {}),
    ...(group ? { groups: group } : {}),
    ...(store ? { stores: store } : {}),
  };
}

/** Says now what the broadcast would say later, in the dead-letter queue. */
function refuseInvalid(type: DetailType, detail: object, Refusal: typeof CommandError): void {
  try {
    checkSize(parseEvent({ id: randomUUID(), 'detail-type': type, detail }, Date.now()));
  } catch (error) {
    if (error instanceof RefusedEventError || error instanceof UpdateTooLargeError)
      throw new Refusal(error.message);
    throw error;
  }
}
