// A till in a web page: esbuild bundles it in a project that has the package alone.
import { createStoreClient, indexedDbOutbox, indexedDbStorage } from '@storecast/client';

window.till = (url, token) => {
  const client = createStoreClient({
    url,
    token,
    storage: indexedDbStorage('book'),
    outbox: indexedDbOutbox('sales'),
  });
  client.on('applied', () => {
    window.book = client.price('4006381333931');
  });
};
