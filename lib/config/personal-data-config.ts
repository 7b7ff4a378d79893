import { type Column, columnsByField } from '../../lambdas/contract/column-types.ts';
import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { type PersonalChoice, personalClasses } from '../../lambdas/contract/personal-data.ts';
import { type Stream, type Table, tableOf } from '../../lambdas/contract/stream.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import { ownTables, streams } from '../../lambdas/streams/registry.ts';
import { suggestion } from '../../lambdas/contract/closest-name.ts';

type Treatment = keyof PersonalChoice;

interface Problem {
  readonly treatment: Treatment;
  readonly index: number;
  readonly message: string;
}

const streamsByName: ReadonlyMap<string, Stream> = new Map(
  [...streams, leadExports].map((stream) => [stream.name, stream]),
);
type Tables = ReadonlyMap<string, Table>;
const classNames = Object.keys(personalClasses);

/** Yields the problems of each column that `personalData` names; none if all are valid. */
export function* personalDataProblems(choice: PersonalChoice, custom: CustomColumns): Generator<Problem> {
  const tables: Tables = new Map(
    [...streams.map((stream) => tableOf(withCustomColumns(stream, custom))), ...ownTables].map((table) => [
      table.name,
      table,
    ]),
  );
  const entries = (['drop', 'hash'] as const).flatMap((treatment) =>
    choice[treatment].map((entry, index) => ({ treatment, index, entry })),
  );
  const owners = new Map<string, { treatment: Treatment; entry: string }>();
  for (const { treatment, index, entry } of entries) {
    const message = entryProblem(entry, treatment, choice, tables);
    if (message) yield { treatment, index, message };
    if (message) continue;
    const columns = columnsOf(entry, tables);
    const clash = columns.find((column) => (owners.get(column)?.treatment ?? treatment) !== treatment);
    if (clash) {
      yield {
        treatment,
        index,
        message: `${clash} would be dropped (by '${owners.get(clash)?.entry}') and hashed (by '${entry}'): choose one`,
      };
    }
    for (const column of columns) if (!owners.has(column)) owners.set(column, { treatment, entry });
  }
}

function entryProblem(entry: string, treatment: Treatment, choice: PersonalChoice, tables: Tables): string | undefined {
  if (classNames.includes(entry)) return treatment === 'hash' ? hashedClassProblem(entry, tables) : undefined;
  const [tableName = '', name, ...rest] = entry.split('.');
  if (name === undefined || rest.length > 0) {
    const all = `name one of ${classNames.join(', ')}, or a column as 'table.column'`;
    return `there is no class '${entry}'; ${suggestion(entry, classNames, all)}`;
  }
  const table = tables.get(tableName);
  if (!table) {
    const names = [...tables.keys()];
    return `there is no table '${tableName}'; ${suggestion(tableName, names, `the tables are ${names.join(', ')}`)}`;
  }
  const free = Object.keys(table.columns).filter((column) => !isNeeded(table, column));
  const column = Object.hasOwn(table.columns, name) ? table.columns[name] : undefined;
  const choices = free.length === 0 ? 'none of its columns can be named here' : `you can name ${free.join(', ')}`;
  if (!column) return `'${tableName}' has no column '${name}'; ${suggestion(name, free, choices)}`;
  if (!free.includes(name))
    return `'${entry}' identifies the row, its parent, or when it was read or changed, so joins and the pipeline need it; ${choices}`;
  if (treatment === 'hash' && !isText(column))
    return `'${entry}' is of type ${column.type}, and only text can be hashed: drop it`;
  const copy = `${leadExports.name}.${name}`;
  const isCopied = tableName === leads.name && Object.hasOwn(leadExports.columns, name);
  if (isCopied && !choice[treatment].includes(copy)) return `'${copy}' holds the same data: add it to the list too`;
  const ofField = [...columnsByField(table.columns).values()].find((names) => names.includes(name)) ?? [];
  const others = ofField.filter((other) => other !== name).map((other) => `${tableName}.${other}`);
  const open = others.find((other) => !choice.drop.includes(other) && !choice.hash.includes(other));
  return open === undefined ? undefined : `'${open}' holds values of the same field: name it too`;
}

/** Every column of a class is hashed, and a value that is not text would become null. */
function hashedClassProblem(kind: string, tables: Tables): string | undefined {
  if (kind === 'quote') return "'quote' is free text and JSON, so its hashes would match nothing: drop it";
  const [name] = columnsOf(kind, tables).filter((entry) => {
    const [table = '', column = ''] = entry.split('.');
    const declared = tables.get(table)?.columns[column];
    return declared && !isText(declared);
  });
  if (name === undefined) return undefined;
  const [table = '', column = ''] = name.split('.');
  const type = tables.get(table)?.columns[column]?.type;
  return `'${name}' holds data of this class and is of type ${type}, and only text can be hashed: drop '${kind}', or leave personal out of that column`;
}

function isText({ type }: Column): boolean {
  return type === 'string' || type === 'string_list';
}

/**
 * Whether a column must not be dropped or hashed. Ids and times are not personal data, and joins need them. In the
 * pipeline's own tables, this holds for every column that is not personal.
 */
function isNeeded(table: Table, name: string): boolean {
  const stream = streamsByName.get(table.name);
  if (!stream) return table.columns[name]?.personal === undefined;
  const times = ['updated_at', stream.cursor?.field];
  const isId = /^id$|_id$/.test(name) && table.columns[name]?.personal === undefined;
  return name.startsWith('_') || isId || table.key.includes(name) || times.includes(name);
}

function columnsOf(entry: string, tables: Tables): string[] {
  if (entry.includes('.')) return [entry];
  return [...tables.values()].flatMap((table) =>
    Object.entries(table.columns).flatMap(([name, { personal }]) =>
      personal === entry ? [`${table.name}.${name}`] : [],
    ),
  );
}
