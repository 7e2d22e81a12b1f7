/** Where a Node client keeps sales if nobody says where. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { StorePlace } from './default-outbox.ts';
import { fileOutbox } from './file-outbox.ts';
import type { OutboxStorage } from './outbox-storage.ts';

/** `~/.storecast/HOST/STORE`: the same from whatever directory the till is started. */
export function homeOutbox({ host, storeId }: StorePlace): OutboxStorage {
  return fileOutbox(join(homedir(), '.storecast', folderName(host), folderName(storeId)));
}

/** No system takes a colon everywhere, and a store may be called `..`. */
function folderName(name: string): string {
  return encodeURIComponent(name)
    .replaceAll('%3A', '_')
    .replace(/^\.+$/, dots => `_${dots.length}`);
}
