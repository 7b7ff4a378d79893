import type { ManifestContent } from './manifest.ts';

interface Sized {
  readonly rows: number;
  readonly bytes: number;
}

/** The summary of a snapshot, with the names that engines know. */
export function summaryOf({ added, kept, deleted }: ManifestContent): Record<string, string> {
  const operation = deleted.length === 0 ? 'append' : added.length === 0 ? 'delete' : 'overwrite';
  const live = [...added, ...kept];
  return {
    operation,
    ...totals(['added-data-files', 'added-records', 'added-files-size'], added),
    ...totals(['deleted-data-files', 'deleted-records', 'removed-files-size'], deleted),
    ...totals(['total-data-files', 'total-records', 'total-files-size'], live),
    'total-delete-files': '0',
    'total-position-deletes': '0',
    'total-equality-deletes': '0',
  };
}

function totals([files, rows, bytes]: readonly [string, string, string], of: readonly Sized[]): Record<string, string> {
  return {
    [files]: String(of.length),
    [rows]: String(of.reduce((sum, one) => sum + one.rows, 0)),
    [bytes]: String(of.reduce((sum, one) => sum + one.bytes, 0)),
  };
}
