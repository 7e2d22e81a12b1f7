/** The Web Locks API, as far as it is used: one tab or worker of an origin holds a name. */
interface LockManager {
  request(
    name: string,
    options: { ifAvailable: true },
    callback: (lock: object | null) => Promise<void>,
  ): Promise<void>;
}

/**
 * Takes a lock without waiting for it. The browser releases it when the page is gone, however it ended.
 *
 * @returns what releases it; undefined while somebody else holds it. Where the browser has no locks (before 2022, or
 * outside a secure context) everybody gets it
 */
export function takeWebLock(name: string): Promise<(() => void) | undefined> {
  const { navigator } = globalThis as unknown as { navigator?: { locks?: LockManager } };
  const locks = navigator?.locks;
  if (locks === undefined) return Promise.resolve(() => {});
  return new Promise((resolve, reject) => {
    locks
      .request(name, { ifAvailable: true }, lock => {
        if (lock === null) {
          resolve(undefined);
          return Promise.resolve();
        }
        return new Promise<void>(release => resolve(release));
      })
      .catch(reject);
  });
}
