import type { RewriteReceipt } from '../../lambdas/core/rewrite/run-rewrite.ts';
import type { Counts } from '../../lambdas/core/rewrite/work.ts';
import { textTable } from '../../local/cli/text-table.ts';

/** A table of the objects and rows that `ops forget` or `ops rehash` touches. Empty if there are none. */
export function touchedLines(touched: Readonly<Record<string, Counts>>): string[] {
  const rows = Object.entries(touched).map(([place, { objects, removed, changed }]) => [
    place,
    objects,
    removed,
    changed,
  ]);
  if (rows.length === 0) return [];
  return textTable(['where', 'objects', 'rows removed', 'rows changed'], rows).split('\n');
}

export function expiryLine({ versionsExpireOn }: Pick<RewriteReceipt, 'versionsExpireOn'>): string {
  return versionsExpireOn === undefined
    ? 'This folder keeps no earlier versions of its files.'
    : `The bucket keeps earlier versions of these objects until ${versionsExpireOn} at the latest, then nothing is left of them.`;
}
