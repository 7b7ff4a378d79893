/** What the doctor found. */

/**
 * - `ok`: as it should be
 * - `look`: a run works, but a person should look at it
 * - `note`: worth knowing, but nothing needs to be done: a run copes with it, and loses no row
 * - `unusable`: as it is, nothing can be loaded or deployed
 * - `skipped`: could not be checked
 */
export type Level = 'ok' | 'note' | 'look' | 'unusable' | 'skipped';

export interface Finding {
  /** What was looked at, such as `key`. */
  readonly area: string;
  readonly level: Level;
  /** What was found, in words. Never contains a value of a row. */
  readonly says: string;
  /** What to do about it, or what follows from it. */
  readonly todo?: string;
  /** The scope that the key lacks, with the tables and features that need it. */
  readonly scope?: { readonly name: string; readonly neededFor: readonly string[] };
  /** Tables that cannot be loaded for this reason. */
  readonly tables?: readonly string[];
  /** Table whose whole list each night reads, because the API does not filter it by time. */
  readonly wholeEachNight?: string;
}

export const ok = (area: string, says: string): Finding => ({ area, level: 'ok', says });
const told =
  (level: Level) =>
  (area: string, says: string, todo?: string): Finding => ({
    area,
    level,
    says,
    ...(todo === undefined ? {} : { todo }),
  });
/** @param todo of a note: what follows from it */
export const note: (area: string, says: string, todo?: string) => Finding = told('note');
export const look: (area: string, says: string, todo?: string) => Finding = told('look');
export const unusable = (area: string, says: string, todo: string): Finding => ({
  area,
  level: 'unusable',
  says,
  todo,
});
export const skipped = (area: string, says: string): Finding => ({ area, level: 'skipped', says });

/** Exit status: 2 if something is unusable, 1 if there is something to look at, otherwise 0. */
export function exitStatus(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ level }) => level === 'unusable')) return 2;
  return findings.some(({ level }) => level === 'look') ? 1 : 0;
}
