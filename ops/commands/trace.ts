import { z } from 'zod';
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
import { findVersions, isNamed } from '../trace/find-versions.ts';
import { createOriginFinder, type Origin } from '../trace/origins.ts';
import { rowsOfChunk, rowsOfRequest, rowsOfRun, unreadable, withDamage } from '../trace/rows-of.ts';
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

type Source = Pick<Target, 'store' | 'warehouse' | 'local'>;

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
  const stream = streamNamed(table);
  const damage = new Damage();
  const originOf = createOriginFinder(target.store, damage);
  const origins: Origin[] = [];
  for await (const version of findVersions(stream, target, damage, (each) => isNamed(each.id, id)))
    origins.push(await originOf(stream, version));
  const forgottenAt = origins.length === 0 ? await whenForgotten(target.store, stream, id) : undefined;
  if (forgottenAt !== undefined)
    return {
      lines: [`This row of ${table} was forgotten on ${forgottenAt.slice(0, 10)}.`],
      data: [{ table, forgottenAt }],
    };
  if (origins.length === 0) {
    const files = damage.keys.length === 0 ? 'No file' : 'No file that can be read';
    const lines = [`${files} of ${table} has the row ${id}.`, ...queryHint(target, table, id)];
    return withDamage(damage, { lines, data: unreadable(damage), ok: false });
  }
  origins.sort((a, b) => a.extractedAt.localeCompare(b.extractedAt));
  return withDamage(damage, { lines: origins.flatMap(linesOf), data: [...origins, ...unreadable(damage)] });
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

function linesOf(origin: Origin): string[] {
  const { line, chunk, deletedAt, updatedAt } = origin;
  const what = deletedAt ? 'found deleted' : `changed ${updatedAt ?? 'at no told time'}`;
  return [
    `${origin.extractedAt}  ${origin.id}, ${what}${origin.current ? ', current' : ''}`,
    `  request  ${origin.requestId ?? 'without an id'}`,
    `  run      ${origin.runId} (${origin.runStatus})${origin.taskId === null ? '' : `, task ${origin.taskId}`}`,
    `  chunk    ${chunk === null ? 'none, expired or damaged' : `${chunk}${line === null ? '' : `, line ${line} (the first is 0)`}`}`,
    `  file     ${origin.file ?? 'expired: only the current table has this version'}`,
  ];
}
