/** Errors of the machine, of AWS and of the configuration that a user can mend, in one line that says what to do. */

import { z } from 'zod';
import { SchemaChangeError } from '../../lambdas/core/errors.ts';
import { accessAdvice, areCredentialsRefused, isUnanswered, missingAccess, noAnswer } from './cloud-access.ts';
import { fullDisk, isFullDisk } from './full-disk.ts';
import { UsageError } from './usage-error.ts';

/** System errors for lack of permission: https://nodejs.org/api/errors.html#class-systemerror */
const denied = z.object({
  code: z.enum(['EACCES', 'EPERM', 'EROFS']),
  path: z.string(),
  syscall: z.string().default(''),
});
const reading = /^(open|scandir|stat|lstat|access|readlink|read)$/;
/**
 * SQLite's codes for a file that it cannot open, write or lock: https://www.sqlite.org/rescode.html. In the folder of
 * another user, a file that can be read cannot be locked.
 */
const closedDatabase = z.object({
  errcode: z.number().refine((code) => [8, 14].includes(code % 256) || code === 3_850),
});

/** The error as a UsageError, if a user can mend its cause. */
export function userError(error: unknown): UsageError | undefined {
  if (error instanceof UsageError) return error;
  if (error instanceof SchemaChangeError) return new UsageError(error.message);
  if (isFullDisk(error)) return new UsageError(fullDisk, 1);
  const file = denied.safeParse(error).data;
  if (file) {
    const how = reading.test(file.syscall) && file.code !== 'EROFS' ? 'opened' : 'written';
    return new UsageError(
      `${file.path} cannot be ${how} (${file.code}): it belongs to another user, or is read-only. Use a checkout and a folder (--out) of your own.`,
    );
  }
  if (closedDatabase.safeParse(error).success)
    return new UsageError(
      'A file of state cannot be opened, written or locked: it belongs to another user, or is read-only. Use a checkout and a folder (--out) of your own.',
    );
  return error instanceof Error ? ofAws(error) : undefined;
}

function ofAws(error: Error): UsageError | undefined {
  const { name, message } = error;
  const missing = missingAccess(error);
  if (missing) return new UsageError(`No AWS ${missing}: ${accessAdvice(missing, process.env)}`);
  if (isUnanswered(error)) {
    const { says, todo } = noAnswer(error);
    return new UsageError(`${says} ${todo}`);
  }
  if (areCredentialsRefused(error))
    return new UsageError(`AWS refuses the credentials (${name}). Sign in again, for example with aws sso login.`);
  if (name.startsWith('AccessDenied'))
    return new UsageError(
      `AWS does not permit this: ${message.split('\n')[0]}. The policies that the commands need: npx prospect-lake policies`,
    );
  return undefined;
}
