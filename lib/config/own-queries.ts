import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type NamedQuery, namedQueries } from '../../lambdas/streams/named-queries.ts';

/** Most bytes of a query of Athena. */
const maxBytes = 262_144;

/** The named queries of a workspace: those of this project, then those of its folder. */
export function queriesOf({ queries: folder }: { readonly queries?: string | undefined }): NamedQuery[] {
  return [...namedQueries, ...(folder === undefined ? [] : filesOf(folder).map(queryIn))];
}

/** Yields what is wrong with a folder of queries; nothing if all can be saved and asked. */
export function* ownQueryProblems(folder: string): Generator<string> {
  try {
    const files = filesOf(folder);
    if (files.length === 0) yield `there is no .sql file in ${resolve(folder)}`;
    for (const path of files) yield* problemsOf(path);
  } catch (error) {
    yield `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function* problemsOf(path: string): Generator<string> {
  const { name, sql } = queryIn(path);
  if (!/^[a-z][a-z0-9_]{0,99}$/.test(name))
    yield `${path}: name the file in lower-case letters, digits and underscores, such as won_leads.sql`;
  if (namedQueries.some((ours) => ours.name === name))
    yield `${path}: there is a query '${name}' already; rename the file`;
  if (sql.replaceAll(/^\s*--.*$/gm, '').trim() === '') yield `${path}: has no SQL`;
  if (Buffer.byteLength(sql) > maxBytes) yield `${path}: is longer than the ${maxBytes} bytes that Athena takes`;
}

function filesOf(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  return names.toSorted().map((name) => join(folder, name));
}

/** A query by the name of its file. The comment at its beginning is its description. */
function queryIn(path: string): NamedQuery {
  const sql = readFileSync(path, 'utf8').trim();
  const name = path.replace(/^.*[/\\]|\.sql$/g, '');
  const [comment = ''] = /^(\s*--.*\n)*/.exec(sql) ?? [];
  const description = comment.replaceAll(/^\s*--\s*/gm, '').replaceAll(/\s+/g, ' ');
  // Athena takes 1,024 characters.
  return { name, description: description.trim().slice(0, 1_024), sql };
}
