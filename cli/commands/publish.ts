/** `publish price|offer|withdraw|message`: puts what marketing wants onto the bus. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import {
  gtinNote,
  type PriceEntry,
  PriceEntryError,
  readPrice,
  type WrittenTimes,
} from '../../domain/price-lists/price-entry.ts';
import type { PriceDefaults } from '../../domain/price-lists/price-list.ts';
import { priceDetails, refuseRepeated } from '../../domain/price-lists/price-updates.ts';
import { CommandError, UsageError } from '../errors.ts';
import { printNote } from '../print.ts';
import { eventOf } from '../publishing/again.ts';
import { readPriceFile } from '../publishing/price-file.ts';
import { audienceOf, type Publishing, publishAll } from '../publishing/publish-events.ts';
import { withdrawalNote } from '../publishing/reach-note.ts';
import { readText } from '../publishing/read-text.ts';
import { takeBack } from '../publishing/take-back.ts';
import { loadTarget } from '../target.ts';

interface PriceFlags extends Publishing, WrittenTimes {
  currency?: string;
  priceType?: string;
  file?: string;
  encoding?: string;
}

export function addPublishCommand(program: Command): void {
  const publish = program
    .command('publish')
    .description('publish a price, an offer or a message, or withdraw an offer');
  addAudience(publish.command('price'))
    .description('change prices: SKU=AMOUNT in major units, such as 4006381333931=1.99')
    .argument('[price...]', 'SKU=AMOUNT')
    .option('--currency <code>', 'ISO 4217 currency of the amounts')
    .option('--price-type <type>', 'regular (default), promotional or member')
    .option('--valid-from <time>', 'when they take effect, ISO 8601 with its zone')
    .option('--valid-until <time>', 'when they are over')
    .option('--valid-from-local <time>', "the same on each store's own clock, such as 2026-12-01T06:00")
    .option('--valid-until-local <time>', 'and their end')
    .option(
      '--file <csv>',
      'prices from a file of a spreadsheet, with the columns sku, amount, currency and, where wanted, priceType, unit, gtin, ' +
        'name, validFrom, validUntil (or validFromLocal, validUntilLocal), region, group, store',
    )
    .option('--encoding <name>', 'of the file, where it is not UTF-8 or UTF-16, such as windows-1252')
    .action((prices: string[], _options, command: Command) =>
      publishPrices(prices, command.optsWithGlobals()),
    );
  addAudience(publish.command('offer'))
    .description(
      'publish an offer: a JSON file with offerId, title, skus, discount, validUntil, and what else an offer may have',
    )
    .argument('<file>', 'JSON file')
    .action((file: string, _options, command: Command) => publishOffer(file, command.optsWithGlobals()));
  addAudience(publish.command('withdraw'))
    .description('withdraw an offer')
    .argument('<offer>', 'the offerId')
    .action((offerId: string, _options, command: Command) =>
      publishWithdrawal(offerId, command.optsWithGlobals()),
    );
  addAudience(publish.command('message'))
    .description('send a message to stores: a topic, and a JSON file of what it says')
    .argument('<topic>', 'such as recall or staff-notice')
    .argument('<file>', 'JSON file')
    .option('--valid-until <time>', 'when it is over, ISO 8601 with its zone')
    .action((topic: string, file: string, _options, command: Command) =>
      publishMessage(topic, file, command.optsWithGlobals()),
    );
  publish
    .command('withdraw-price')
    .description('take price updates back: every store is as if they had never been published')
    .argument('<update...>', 'their ids')
    .option('--check', 'only say what would be published to whom')
    .option('--json', 'print JSON')
    .action((updates: string[], _options, command: Command) => takeBack(updates, command.optsWithGlobals()));
  addAudience(publish.command('again'))
    .description('send an update to some stores once more, such as one that a store refused by mistake')
    .argument('<update>', 'its id')
    .action((updateId: string, _options, command: Command) =>
      publishAgain(updateId, command.optsWithGlobals()),
    );
}

function addAudience(command: Command): Command {
  return command
    .option('--region <region...>', 'only stores of these regions')
    .option('--group <group...>', 'only stores of these groups')
    .option('--store <store...>', 'only these stores')
    .option('--check', 'only say what would be published to whom')
    .option('--json', 'print JSON');
}

async function publishPrices(given: string[], givenFlags: PriceFlags): Promise<void> {
  const { texts, flags } = regroup(given, givenFlags);
  const Refusal = flags.file === undefined ? UsageError : CommandError;
  const entries = readEntries(texts, flags, Refusal);
  if (entries.length === 0) throw new UsageError('name a price as SKU=AMOUNT, or a file of them by --file');
  const details = priceDetails(entries);
  const priceList: { priceList?: string } = details.length > 1 ? { priceList: randomUUID() } : {};
  const contents = details.map(detail => ({ ...detail, ...priceList }));
  await publishAll({ type: 'PriceChanged', contents, Refusal }, flags);
  if (priceList.priceList !== undefined && !flags.check)
    printNote(
      `one list of ${contents.length} updates: npx storecast delivery ${priceList.priceList} reports on all of it`,
    );
  const odd = gtinNote(entries);
  if (odd !== undefined) printNote(`warning: ${odd}`);
}

/** `--region north A=1.99`: an option that takes several values takes the prices behind it as well; names have no `=`. */
function regroup(prices: string[], given: PriceFlags): { texts: string[]; flags: PriceFlags } {
  const texts = [...prices];
  const flags: PriceFlags = { ...given };
  for (const option of ['region', 'group', 'store'] as const) {
    const values = given[option];
    if (values === undefined) continue;
    texts.push(...values.filter(value => value.includes('=')));
    flags[option] = values.filter(value => !value.includes('='));
  }
  return { texts, flags };
}

function readEntries(
  texts: readonly string[],
  flags: PriceFlags,
  Refusal: typeof CommandError,
): PriceEntry[] {
  try {
    const { currency, priceType, encoding, file } = flags;
    const common = { currency, priceType, audience: audienceOf(flags), times: timesOf(flags) };
    const entries = [
      ...(file === undefined ? [] : readPriceFile(file, common, encoding)),
      ...texts.map(text => entryOf(text, common)),
    ];
    refuseRepeated(entries);
    return entries;
  } catch (error) {
    if (!(error instanceof PriceEntryError)) throw error;
    throw new Refusal(error.message, { cause: error });
  }
}

function timesOf(flags: WrittenTimes): WrittenTimes {
  const { validFrom, validFromLocal, validUntil, validUntilLocal } = flags;
  return JSON.parse(JSON.stringify({ validFrom, validFromLocal, validUntil, validUntilLocal }));
}

function entryOf(text: string, { currency, priceType, ...common }: PriceDefaults): PriceEntry {
  const [sku = '', amount, ...rest] = text.split('=');
  if (amount === undefined || rest.length > 0) throw new UsageError(`'${text}' is not SKU=AMOUNT`);
  if (currency === undefined) throw new UsageError('--currency is missing');
  const place = `argument ${text}`;
  const type = priceType === undefined ? {} : { priceType };
  return { price: readPrice({ sku, amount, currency, ...type }, place), place, ...common };
}

async function publishOffer(file: string, flags: Publishing): Promise<void> {
  const contents = [readJson(file) as object];
  await publishAll({ type: 'OfferPublished', contents, Refusal: CommandError }, flags);
}

async function publishMessage(
  topic: string,
  file: string,
  flags: Publishing & { validUntil?: string },
): Promise<void> {
  const { validUntil } = flags;
  const contents = [{ topic, data: readJson(file), ...(validUntil === undefined ? {} : { validUntil }) }];
  await publishAll({ type: 'MessagePublished', contents, Refusal: CommandError }, flags);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readText(file).replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    // The error's own message quotes the file, and workflows keep what is on stderr.
    if (error instanceof SyntaxError) throw new CommandError(`${file} is not JSON`);
    throw error;
  }
}

async function publishWithdrawal(offerId: string, flags: Publishing): Promise<void> {
  await publishAll(
    {
      type: 'OfferWithdrawn',
      contents: [{ offerId }],
      Refusal: UsageError,
      notes: ({ api }) => withdrawalNote(api, offerId, Date.now()),
    },
    flags,
  );
}

async function publishAgain(updateId: string, flags: Publishing): Promise<void> {
  if (audienceOf(flags) === undefined)
    throw new UsageError('name the stores by --store, --region or --group');
  const { type, content } = await eventOf(loadTarget(flags.outputs).api, updateId);
  await publishAll({ type, contents: [content], Refusal: CommandError }, flags);
}
