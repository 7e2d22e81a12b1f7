/** What can be wrong with the files of the data directory, in a sentence that names the file and what helps. */

/** A file or folder of the data directory can't be used. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** SQLite and LevelDB tell by their messages, the file system by its codes. */
const REMEDIES: readonly [sign: RegExp, remedy: string][] = [
  [
    /ENOSPC|EDQUOT|EFBIG|disk is full|No space left|File too large/i,
    'the disk is full: free some space, then start again',
  ],
  [/\bI\/?O error/i, 'the disk takes or gives nothing: free some space, and look whether it is sound'],
  [
    /EACCES|EPERM|EROFS|readonly|read-only|permission denied|unable to open|attempt to write/i,
    'it must be writable: change its permissions, or choose another data directory',
  ],
  [/ENOENT|ENOTDIR|EEXIST|EINVAL|ENAMETOOLONG/, 'choose another data directory'],
];
const DAMAGED = 'it is damaged: start with --fresh to empty the data directory, or choose another one';

export function storageError(file: string, cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  const reason = reasonOf(cause);
  const remedy = REMEDIES.find(([sign]) => sign.test(reason))?.[1] ?? DAMAGED;
  return new StorageError(`${file} can't be used (${reason}); ${remedy}`, { cause });
}

/** Runs what opens a file; whatever it throws names the file. @throws StorageError, or one of the errors to `pass` */
export async function opening<T>(
  file: string,
  open: () => T | Promise<T>,
  pass: (error: unknown) => boolean = () => false,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw pass(error) ? error : storageError(file, error);
  }
}

/** The innermost cause says most. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
