import { streamNamed } from '../../lambdas/streams/registry.ts';
import { textTable } from '../../local/text-table.ts';
import { type Audit, isClean } from './audit.ts';
import type { DifferenceKind, Window } from './compare-table.ts';
import { counted } from '../counted.ts';
import { keyParts } from '../lake/row-version.ts';

/** What an audit has found, for a person. */

const idsShown = 20;
const filesShown = 20;
const kinds: readonly DifferenceKind[] = ['missing', 'stale', 'ghost'];

export function auditLines(found: Audit): string[] {
  const rows = found.tables.flatMap(({ table, windows }) => {
    const telling = windows.filter(({ missing, stale, ghosts }) => missing + stale + ghosts > 0);
    return [cells(table, 'all', windows), ...telling.map((each) => cells('', each.month ?? 'no time', [each]))];
  });
  const head = ['table', 'changed in', 'in the API', 'missing', 'stale', 'ghosts', 'not yet loaded'];
  return [
    ...(rows.length > 0 ? textTable(head, rows).split('\n') : ['No nightly run has read a table yet.']),
    ...found.tables.flatMap(idLines),
    ...fileLines(found.files),
    `${counted(found.requests, 'request')} to the API. ${isClean(found) ? 'The lake is what the API says.' : 'The lake differs.'}`,
  ];
}

function cells(table: string, when: string, windows: readonly Window[]): (string | number)[] {
  const sum = (of: Exclude<keyof Window, 'month'>) => windows.reduce((total, window) => total + window[of], 0);
  return [table, when, sum('api'), sum('missing'), sum('stale'), sum('ghosts'), sum('notYetLoaded')];
}

function idLines({ table, error, differences }: Audit['tables'][number]): string[] {
  const stream = streamNamed(table);
  const lines = kinds.flatMap((kind) => {
    const ids = differences.filter((each) => each.kind === kind).map(({ key }) => keyParts(stream, key).join('/'));
    if (ids.length === 0) return [];
    const more = ids.length > idsShown ? ` and ${ids.length - idsShown} more (--json has all)` : '';
    return [`${table} ${kind}: ${ids.slice(0, idsShown).join(', ')}${more}`];
  });
  return error === null ? lines : [`${table} was not compared to its end. ${error}`, ...lines];
}

function fileLines({ lost, lostRaw, unlisted }: Audit['files']): string[] {
  const shown = lost.slice(0, filesShown).map(({ key, why, rows, convertible }) => {
    const then = convertible
      ? 'its raw chunk is there'
      : 'its raw chunk is gone too: rows that still count are missing above';
    return `${key} is ${why} (${counted(rows, 'row')}); ${then}`;
  });
  return [
    ...shown,
    ...(lost.length > filesShown ? [`and ${lost.length - filesShown} files more (--json has all)`] : []),
    ...(lostRaw.length > 0
      ? [
          `${counted(lostRaw.length, 'raw chunk')} gone before the time; their rows are in the lake. First: ${lostRaw[0]}`,
        ]
      : []),
    ...unlisted.map((runId) => `pipeline_runs lacks the rows of ${runId}`),
  ];
}

/** All of it, for a program. */
export function auditData(found: Audit) {
  return {
    clean: isClean(found),
    requests: found.requests,
    tables: found.tables.map(({ table, error, lakeRows, windows, differences }) => {
      const of = (kind: DifferenceKind) =>
        differences
          .filter((each) => each.kind === kind)
          .map(({ key, month }) => ({ id: keyParts(streamNamed(table), key).join('/'), month }));
      const [missing, stale, ghosts] = [of('missing'), of('stale'), of('ghost')];
      return { table, error, lakeRows, windows, missing, stale, ghosts };
    }),
    files: { lost: found.files.lost, lostRaw: found.files.lostRaw, unlisted: found.files.unlisted },
  };
}
