import { z } from 'zod';

/** EFBIG: the limit of a file's size is reached, such as that of `ulimit -f`. */
const systemError = z.object({ code: z.enum(['ENOSPC', 'EDQUOT', 'EFBIG']) });
/** SQLite's code for a full disk, SQLITE_FULL: https://www.sqlite.org/rescode.html. */
const sqliteError = z.object({ errcode: z.literal(13) });

export function isFullDisk(error: unknown): boolean {
  return systemError.safeParse(error).success || sqliteError.safeParse(error).success;
}

export const fullDisk =
  'The disk is full, so nothing more can be written. Make room, or raise the quota, and start again: the run goes on where it stopped.';

/**
 * Ends the process with one line if a disk is full. State and logs are written in callbacks, where no caller can catch
 * the error, and nothing can go on without them.
 */
export function endOnFullDisk(): void {
  process.on('uncaughtException', (error) => {
    process.stderr.write(isFullDisk(error) ? `\n${fullDisk}\n` : `${error.stack}\n`);
    process.exit(1);
  });
}
