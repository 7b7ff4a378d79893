import type { Audit } from './audit.ts';
import type { LostFile } from './check-receipt.ts';

/**
 * What an audit comes to:
 * - `differs`: rows or files of the lake are not what they should be
 * - `damaged`: they are, but raw chunks or records of runs are lost or cannot be read
 * - `unfinished`: what was compared is right, and some of it was not compared
 */
export type Verdict = 'clean' | 'differs' | 'damaged' | 'unfinished';

export function verdictOf(found: Audit): Verdict {
  const { tables, files, damage } = found;
  const differs =
    tables.some(({ differences }) => differences.length > 0) ||
    lostFiles(found).length > 0 ||
    files.unlisted.length + files.foreign.length + files.damaged.length > 0;
  if (differs) return 'differs';
  if (tables.some(({ error }) => error !== null)) return 'unfinished';
  return damage.size + files.missingRecords.length > 0 ? 'damaged' : 'clean';
}

export function isClean(found: Audit): boolean {
  return verdictOf(found) === 'clean';
}

/** Files that are lost with their raw chunks while no row lacks in their tables: what still counted was read anew. */
export function replacedFiles({ tables, files }: Audit): LostFile[] {
  const whole = new Set(
    tables
      .filter(({ error, differences }) => error === null && differences.every(({ kind }) => kind === 'ghost'))
      .map(({ table }) => table),
  );
  return files.lost.filter(({ table, convertible }) => !convertible && whole.has(table));
}

/** The others that are lost. Of a table that is not compared they count, as nothing else tells their rows. */
export function lostFiles(found: Audit): LostFile[] {
  const replaced = new Set(replacedFiles(found));
  return found.files.lost.filter((file) => !replaced.has(file));
}
