import { streamNamed } from '../../lambdas/streams/registry.ts';
import { textTable } from '../../local/cli/text-table.ts';
import type { Audit } from './audit.ts';
import type { DifferenceKind, Window } from './compare-table.ts';
import { tableOfKey } from './lake-files.ts';
import { counted } from '../counted.ts';
import { missingRecordLines } from '../lake/kept-records.ts';
import { keyParts } from '../lake/row-version.ts';
import { isClean, lostFiles, replacedFiles, type Verdict, verdictOf } from './verdict.ts';

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
    ...fileLines(found),
    ...few([...found.damage.values()]),
    ...missingRecordLines(found.files.missingRecords),
    `${counted(found.requests, 'request')} to the API. ${verdictLine(found)}`,
  ];
}

function verdictLine(found: Audit): string {
  const compared = found.tables.filter(({ error }) => error === null).map(({ table }) => table);
  const rest = found.tables.length - compared.length;
  const unfinished = `${counted(rest, 'table')} of ${found.tables.length} ${rest === 1 ? 'was' : 'were'} not compared to the end; compared: ${compared.join(', ') || 'none'}.`;
  const lines: Record<Verdict, string> = {
    clean: 'The lake is what the API says.',
    damaged: 'The tables are what the API says; what is named above is lost or cannot be read.',
    unfinished: `No difference was found, but ${unfinished}`,
    differs: rest === 0 ? 'The lake differs.' : `The lake differs, and ${unfinished}`,
  };
  return lines[verdictOf(found)];
}

function few(lines: readonly string[]): string[] {
  const more = lines.length - filesShown;
  return [...lines.slice(0, filesShown), ...(more > 0 ? [`and ${more} more (--json has all)`] : [])];
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

function fileLines(found: Audit): string[] {
  const { lostRaw, unlisted, unpublishable, foreign, damaged } = found.files;
  const lost = lostFiles(found).map(({ key, why, rows, convertible }) => {
    const then = convertible
      ? 'its raw chunk is there'
      : 'its raw chunk is gone or cannot be read: rows that still count are missing above';
    return `${key} is ${why} (${counted(rows, 'row')}); ${then}`;
  });
  return [
    ...few(lost),
    ...few(
      damaged.map(
        (key) =>
          `${key} cannot be read, nor any query of ${tableOfKey(key)}. Restore its former version: the bucket keeps those for 14 days. Else move it out of lake/; audit --repair then reads anew what is missing.`,
      ),
    ),
    ...few(
      foreign.map(
        (key) =>
          `${key} is no file of the pipeline, and every query of ${tableOfKey(key)} reads it. Move it out of lake/; nothing here deletes it.`,
      ),
    ),
    ...few(
      replacedFiles(found).map(
        ({ key, why }) =>
          `${key} is ${why}, and its raw chunk is lost too; no row of its table is missing, so whatever of it still counts was read anew`,
      ),
    ),
    ...(lostRaw.length > 0
      ? [
          `${counted(lostRaw.length, 'raw chunk')} gone before the time; their rows are in the lake. First: ${lostRaw[0]}`,
        ]
      : []),
    ...unlisted.map((runId) =>
      unpublishable.includes(runId)
        ? `pipeline_runs lacks the rows of ${runId}, and they cannot be written again before its record can be read`
        : `pipeline_runs lacks the rows of ${runId}`,
    ),
  ];
}

/** All of it, for a program. */
export function auditData(found: Audit) {
  return {
    clean: isClean(found),
    verdict: verdictOf(found),
    requests: found.requests,
    tables: found.tables.map(({ table, error, lakeRows, windows, differences }) => {
      const of = (kind: DifferenceKind) =>
        differences
          .filter((each) => each.kind === kind)
          .map(({ key, month }) => ({ id: keyParts(streamNamed(table), key).join('/'), month }));
      const [missing, stale, ghosts] = [of('missing'), of('stale'), of('ghost')];
      return { table, error, lakeRows, windows, missing, stale, ghosts };
    }),
    files: {
      lost: lostFiles(found),
      replaced: replacedFiles(found),
      lostRaw: found.files.lostRaw,
      unlisted: found.files.unlisted,
      foreign: found.files.foreign,
      damaged: found.files.damaged,
    },
    damage: Object.fromEntries(found.damage),
    missingRecords: found.files.missingRecords,
  };
}
