/** A till maker's TypeScript, compiled in a project that has the package alone. */
import {
  createStoreClient,
  fileOutbox,
  fileStorage,
  indexedDbStorage,
  type Price,
  type SaleInput,
  type StoreClient,
  type StoreClientOptions,
} from '@storecast/client';

const options: StoreClientOptions = {
  url: 'wss://line.example.com',
  token: async () => 'token',
  storage: fileStorage('book.json'),
  outbox: fileOutbox('sales'),
  apply: update => void update.id.toUpperCase(),
};
const client: StoreClient = createStoreClient(options);
client.on('price.effective', (price: Price) => void price.amount.toFixed());
const sale: SaleInput = {
  saleId: '1',
  soldAt: new Date().toISOString(),
  currency: 'EUR',
  total: 199,
  lines: [{ sku: 'A', quantity: 1, unitPrice: 199 }],
};
const {
  lines,
  total,
  currency = 'EUR',
} = client.quote([{ sku: 'A', quantity: 3, till: '2' }], { member: true });
export const sold: Promise<void> = client.send({ ...sale, lines, total, currency });
export const found: Price | undefined = client.price({ gtin: '4006381333931', currency: 'EUR' });
export const sent: Promise<void> = client.send(sale);
// @ts-expect-error a total is a number of minor units
export const refused: Promise<void> = client.send({ ...sale, total: '1.99' });
export const inBrowsers: StoreClientOptions = { ...options, storage: indexedDbStorage('book') };
