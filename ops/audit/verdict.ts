import type { Audit } from './audit.ts';

/**
 * The result of an audit:
 * - `differs`: rows or files are wrong, and a repair or a person can fix them
 * - `damaged`: the current tables are right, but files or records of the history are lost or unreadable
 * - `unfinished`: the compared rows are right, but some were not compared
 */
export type Verdict = 'clean' | 'differs' | 'damaged' | 'unfinished';

export function verdictOf({ tables, lostData, files, damage }: Audit): Verdict {
  const differs =
    tables.some(({ differences }) => differences.length > 0) ||
    files.lost.some(({ isConvertible }) => isConvertible) ||
    lostData.length + files.unlisted.length + files.foreign.length > 0;
  if (differs) return 'differs';
  if (tables.some(({ error }) => error !== null)) return 'unfinished';
  return damage.size + files.lost.length + files.missingRecords.length > 0 ? 'damaged' : 'clean';
}
