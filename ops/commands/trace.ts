import { z } from 'zod';
import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { runId } from '../../lambdas/contract/run.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import { Damage } from '../lake/damage.ts';
import { whenForgotten } from '../lake/when-forgotten.ts';
import { opsCommandNamed, typed } from '../../local/cli/command-names.ts';
import { nameOf } from '../../local/cli/flag-values.ts';
import { queryCommand } from '../../local/cli/suggested-command.ts';
import { type Outcome, readCommand } from '../command.ts';
import { chunkName } from '../trace/chunk-rows.ts';
import { findVersions, isNamed, type Version } from '../trace/find-versions.ts';
import { createOriginFinder, type Origin } from '../trace/origins.ts';
import { rowsOfChunk, rowsOfRequest, rowsOfRun, unreadable, withDamage } from '../trace/rows-of.ts';
import { changesOf } from '../trace/version-changes.ts';
import type { Target } from '../target.ts';

const tables = [...streams, leadExports];
const tableNames = tables.map(({ name }) => name);
const wanted = 'trace wants a table and an id, or one of --request, --chunk and --run';

export const traceInput = z
  .strictObject({
    table: nameOf('table', tableNames).optional(),
    id: z.string().min(1).optional(),
    request: z.string().min(1).optional(),
    chunk: z
      .string()
      .refine((key) => chunkName(key) && tableNames.includes(chunkName(key)?.stream ?? ''), {
        error: '--chunk wants the key of a raw chunk, such as raw/<table>/<run>/<task>/000000.ndjson.gz',
      })
      .optional(),
    run: z
      .string()
      .refine((text) => runId.safeParse(text).success, '--run wants the id of a run')
      .optional(),
  })
  .refine(({ table, id }) => (table === undefined) === (id === undefined), wanted)
  .refine(({ table, request, chunk, run }) => [table, request, chunk, run].filter((one) => one).length === 1, wanted);

export const trace = readCommand({
  ...opsCommandNamed('trace'),
  positionals: ['table', 'id'],
  examples: [typed('ops trace leads <id>'), typed('ops trace --request <request id>')],
  flags: {
    request: { value: '<id>', help: 'rows that came with this request_id' },
    chunk: { value: '<key>', help: 'rows that came with this raw chunk' },
    run: { value: '<run>', help: 'chunks and files of this run' },
  },
  input: traceInput,
  read: (target, wantedOf) => traceOf(target, wantedOf),
});

type Source = Pick<Target, 'store' | 'warehouse' | 'local'> & {
  readonly configured?: { readonly customColumns?: CustomColumns | undefined } | undefined;
};

/** A version of a row: where it came from, and the columns in which it differs from the one before. */
type Traced = Origin & {
  /** Null for the first version of the row, a tombstone, and a version whose columns cannot be read. */
  readonly changedColumns: readonly string[] | null;
};

/** What `trace` answers, from the files alone. */
export async function traceOf(
  source: Source,
  { table, id, request, chunk, run }: z.infer<typeof traceInput>,
): Promise<Outcome> {
  const { store } = source;
  if (request !== undefined) return rowsOfRequest(request, tables, source);
  if (chunk !== undefined) return rowsOfChunk(chunk, store);
  if (run !== undefined) return rowsOfRun(run, store);
  return traceRow(source, table ?? '', id ?? '');
}

async function traceRow(target: Source, table: string, id: string): Promise<Outcome> {
  const stream = withCustomColumns(streamNamed(table), target.configured?.customColumns ?? {});
  const damage = new Damage();
  const originOf = createOriginFinder(target.store, damage);
  const found: { version: Version; origin: Origin }[] = [];
  for await (const version of findVersions(stream, target, damage, (each) => isNamed(each.id, id)))
    found.push({ version, origin: await originOf(stream, version) });
  const forgottenAt = found.length === 0 ? await whenForgotten(target.store, stream, id) : undefined;
  if (forgottenAt !== undefined)
    return {
      lines: [`This row of ${table} was forgotten on ${forgottenAt.slice(0, 10)}.`],
      data: [{ table, forgottenAt }],
    };
  if (found.length === 0) {
    const files = damage.keys.length === 0 ? 'No file' : 'No file that can be read';
    const lines = [`${files} of ${table} has the row ${id}.`, ...queryHint(target, table, id)];
    return withDamage(damage, { lines, data: unreadable(damage), ok: false });
  }
  found.sort((a, b) => a.origin.extractedAt.localeCompare(b.origin.extractedAt));
  const versions = found.map(({ version }) => version);
  const changes = await changesOf(stream, versions, target, damage);
  const origins = found.map(
    ({ version, origin }): Traced => ({ ...origin, changedColumns: changes.get(version) ?? null }),
  );
  return withDamage(damage, {
    lines: allLines(origins),
    data: [...origins, ...unreadable(damage)],
  });
}

/** A row is traced by its id. Says how to find the id by an e-mail address. */
function queryHint({ local }: Source, table: string, id: string): string[] {
  if (!id.includes('@') || !('email' in streamNamed(table).columns)) return [];
  const address = /^[\w.+@-]+$/.test(id) ? id : '<address>';
  const sql = `SELECT id FROM ${table} WHERE email = '${address}'`;
  return [
    'A row is traced by its id. To find the id:',
    `  ${local ? queryCommand(sql, local.out) : `${sql}, in Athena`}`,
  ];
}

/** Whether a later reading has found the current version unchanged, so the current table has kept the earlier one. */
function isKept({ id, changedColumns }: Traced, before: readonly Traced[]): boolean {
  return changedColumns?.length === 0 && before.some((one) => one.id === id && one.current);
}

/** All versions. Those of a row that was read again unchanged several times in a row are one line. */
function allLines(origins: readonly Traced[]): string[] {
  const lines: string[] = [];
  for (let at = 0; at < origins.length; ) {
    const again = unchangedFrom(origins, at);
    const last = again.at(-1);
    if (last && again.length > 1) {
      const kept = isKept(last, origins.slice(0, at)) ? keptText : '';
      lines.push(
        `${last.extractedAt}  ${last.id}, read again unchanged ${again.length} times, last at this time${kept}; --json has each`,
      );
      at += again.length;
      continue;
    }
    const origin = origins[at];
    if (origin) lines.push(...linesOf(origin, isKept(origin, origins.slice(0, at))));
    at += 1;
  }
  return lines;
}

/** The versions from `at` on that are the same row unchanged, none of which is the current one. */
function unchangedFrom(origins: readonly Traced[], at: number): Traced[] {
  const rest = origins.slice(at);
  const end = rest.findIndex(
    ({ id, changedColumns, current }) => id !== rest[0]?.id || changedColumns?.length !== 0 || current,
  );
  return rest.slice(0, end === -1 ? undefined : end);
}

const keptText = ', so the earlier version is still the current one';

function linesOf(origin: Traced, isKept: boolean): string[] {
  const { line, chunk, deletedAt, updatedAt, changedColumns } = origin;
  const what = deletedAt ? 'found deleted' : `changed ${updatedAt ?? 'at a time that the API does not give'}`;
  return [
    `${origin.extractedAt}  ${origin.id}, ${what}${origin.current ? ', current' : ''}`,
    ...(changedColumns ? [`  columns  ${changedText(changedColumns)}${isKept ? keptText : ''}`] : []),
    `  request  ${origin.requestId ?? 'without an id'}`,
    `  run      ${origin.runId} (${origin.runStatus})${origin.taskId === null ? '' : `, task ${origin.taskId}`}`,
    `  chunk    ${chunk === null ? 'none, expired or damaged' : `${chunk}${line === null ? '' : `, line ${line} (the first is 0)`}`}`,
    `  file     ${origin.file ?? 'expired: only the current table has this version'}`,
  ];
}

function changedText(columns: readonly string[]): string {
  return columns.length === 0
    ? 'none changed in the API: read again, or stored again under another configuration'
    : `changed: ${columns.join(', ')}`;
}
