import type { PersonalChoice } from '../../lambdas/contract/personal-data.ts';
import { type Stream, tableOf } from '../../lambdas/contract/stream.ts';
import { createColumnMask } from '../../lambdas/core/rows/mask-columns.ts';
import { contentColumns } from '../lake/changed-columns.ts';

/** The names of masked columns do not depend on the key. */
const anyKey = 'any key';

/**
 * The columns whose values the tables keep as the API gave them: those that `personalData` drops or hashes cannot be
 * compared.
 * @param choice undefined if it is not known: then no personal column is compared
 */
export function comparedContent(stream: Stream, choice: PersonalChoice | undefined): string[] {
  const table = tableOf(stream);
  const masked = choice && createColumnMask(choice, anyKey)(table);
  return contentColumns(stream).filter((name) =>
    masked ? !masked.has(name) : table.columns[name]?.personal === undefined,
  );
}
