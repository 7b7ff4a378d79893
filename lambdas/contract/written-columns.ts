import { z } from 'zod';
import { personalClass } from './personal-data.ts';
import { runId } from './run.ts';

const kind = z.enum([...personalClass.options, 'none']);
export type Kind = z.infer<typeof kind>;

/** The custom columns, as `table.column`, that rows and versions were written with since `ops rehash` last ran. */
export const writtenColumns = z.record(
  z.string(),
  z.object({
    /** The kinds of personal data that the configuration has given the column, the newest last. */
    kinds: z.array(kind),
    /** The first night without the column. Absent as long as the configuration declares it. */
    removedIn: runId.optional(),
  }),
);
export type WrittenColumns = z.infer<typeof writtenColumns>;

/** A custom column, as `table.column`, whose earlier values the configuration no longer describes. */
export const formerColumn = z.object({
  column: z.string(),
  /** False if the column was removed; true if only its kind of personal data has changed. */
  isDeclared: z.boolean(),
  /** Whether `ops rehash` can change what was written. */
  wantsRehash: z.boolean(),
});
export type FormerColumn = z.infer<typeof formerColumn>;

/** Tells a person of former columns. */
export function formerTexts(columns: readonly FormerColumn[]): string[] {
  const names = (chosen: readonly FormerColumn[]) => chosen.map(({ column }) => column).join(', ');
  const removed = columns.filter(({ isDeclared }) => !isDeclared);
  const kept = removed.filter(({ wantsRehash }) => !wantsRehash);
  const emptied = removed.filter(({ wantsRehash }) => wantsRehash);
  const changed = columns.filter(({ isDeclared }) => isDeclared);
  return [
    ...(kept.length > 0 ? [`No longer in customColumns: ${names(kept)}. Versions from before keep the values.`] : []),
    ...(emptied.length > 0
      ? [
          `No longer in customColumns: ${names(emptied)}. Rows and versions from before keep the values, whatever personalData says by now. To empty these columns there: npx prospect-lake ops rehash`,
        ]
      : []),
    ...(changed.length > 0
      ? [
          `personal has changed in customColumns: ${names(changed)}. Rows and versions from before do not follow it. To drop or hash the values there too: npx prospect-lake ops rehash`,
        ]
      : []),
  ];
}
