// A till: knows its prices, also without a line, and sends its sales. The three variables come from whoever runs the
// chain: `npx storecast token store 0417`, and the stack's outputs. It is spoken with in lines of JSON:
// {"sell": SALE}, {"ask": {"price": SKU}}, {"ask": {"offers": SKU}}, {"ask": {"quote": LINES}} and {"stop": true}.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createStoreClient, fileOutbox, fileStorage } from '@storecast/client';

const { STORECAST_ENDPOINT, STORECAST_TOKEN, STORECAST_MANAGEMENT_URL } = process.env;
const TOKEN_FILE = 'till/token';

mkdirSync('till', { recursive: true });
const till = createStoreClient({
  url: STORECAST_ENDPOINT,
  token: newestToken(),
  managementUrl: STORECAST_MANAGEMENT_URL, // the token is renewed at half of its life
  onToken: keepToken,
  storage: fileStorage('till/book.json'), // prices and offers are there before the line is
  outbox: fileOutbox('till/sales'),
  apply: update => console.error(`applied ${update.id}`), // the receipt is sent once this has returned
});
till.on('error', error => console.error(error.message));
await till.loaded;

const say = answer => console.log(JSON.stringify(answer));
const offersFor = sku => till.offers().filter(({ skus }) => skus.includes(sku));

const requests = {
  async sell(sale) {
    try {
      await till.send(sale); // on disk from now on, until the chain has accepted it
      say({ sold: sale.saleId });
    } catch (error) {
      console.error(error.message); // not stored, and this says why
    }
  },
  ask({ price, offers, quote }) {
    if (price !== undefined) say({ price: till.price(price) ?? null }); // in minor units: 199 is €1.99
    if (offers !== undefined) say({ offers: offersFor(offers).map(({ offerId }) => offerId) });
    if (quote !== undefined) say({ quote: till.quote(quote) }); // less what the offers in force take off
  },
  stop: () => stop(),
};

for await (const line of createInterface(process.stdin)) {
  const [[name, value]] = Object.entries(JSON.parse(line));
  await requests[name]?.(value);
}
await stop();

/** What waits is sent before it ends; whatever the chain doesn't answer goes after the next start. */
async function stop() {
  await till.close();
  process.exit();
}

/** The one that the chain gave last, unless this till was started with a newer one. */
function newestToken() {
  try {
    const kept = readFileSync(TOKEN_FILE, 'utf8');
    return signedAt(kept) > signedAt(STORECAST_TOKEN) ? kept : STORECAST_TOKEN;
  } catch {
    return STORECAST_TOKEN; // it has no other one yet
  }
}

function keepToken(token) {
  writeFileSync(`${TOKEN_FILE}.new`, token, { mode: 0o600 });
  renameSync(`${TOKEN_FILE}.new`, TOKEN_FILE);
}

/** A token is a JWT: its second part says when it was signed. */
function signedAt(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).iat;
}
