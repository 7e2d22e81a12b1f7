// A till: knows its prices, also without a line, and sends its sales. STORE_ENDPOINT, STORE_TOKEN and MANAGEMENT_URL
// come from whoever runs the chain: `npx storecast token store 0417`, and the stack's outputs.
import { createStoreClient, fileOutbox, fileStorage } from '@storecast/client';

const { STORE_ENDPOINT, STORE_TOKEN, MANAGEMENT_URL } = process.env;

const till = createStoreClient({
  url: STORE_ENDPOINT,
  token: STORE_TOKEN,
  managementUrl: MANAGEMENT_URL, // the token is renewed at half of its life
  storage: fileStorage('till/book.json'), // prices and offers are there before the line is
  outbox: fileOutbox('till/sales'),
  apply: update => console.log(`applied ${update.id}`), // the receipt is sent once this has returned
});
till.on('error', error => console.error(error.message));
till.on('applied', () => sell('4006381333931'));

async function sell(sku) {
  if (till.price(sku) === undefined) return;
  const { lines, total, currency } = till.quote([{ sku, quantity: 1 }]); // less what the offers in force take off
  console.log(`${sku} costs ${total} ${currency}`); // 199 EUR: minor units
  await till.send({
    saleId: crypto.randomUUID(),
    soldAt: new Date(till.now()).toISOString(), // the chain's time, whatever this clock says
    currency,
    total,
    lines,
  }); // on disk from now on, until the chain has accepted it
}

process.once('SIGTERM', () => till.close());
