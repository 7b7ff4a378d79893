import type { ColumnType } from '../../lambdas/contract/column-types.ts';
import { type CustomColumns, takesEach, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { historyName, isIdColumn, type Stream, tableOf } from '../../lambdas/contract/stream.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { suggestion } from '../../lambdas/contract/closest-name.ts';

interface Problem {
  readonly path: string[];
  readonly message: string;
}

/** Maximum length of the columns as JSON. Lambda gives a function 4 KB for all its environment variables. */
const maxJson = 2_000;

/**
 * Yields the problems of the columns that a workspace adds; none if all are valid.
 * @param read the streams that the workspace reads
 * @param isChoosing whether the workspace drops or hashes personal data
 */
export function* customColumnProblems(
  custom: CustomColumns,
  read: 'all' | readonly string[],
  isChoosing: boolean,
): Generator<Problem> {
  for (const [table, columns] of Object.entries(custom)) {
    const stream = streams.find(({ name }) => name === table);
    if (!stream) {
      const ofHistory = streams.find((each) => historyName(each) === table);
      if (ofHistory) {
        yield { path: [table], message: `name ${ofHistory.name} instead: its history gets the columns too` };
        continue;
      }
      const names = streams.map(({ name }) => name);
      const known = suggestion(table, names, `the tables are ${names.join(', ')}`);
      yield { path: [table], message: `there is no table '${table}' that takes columns; ${known}` };
      continue;
    }
    if (read !== 'all' && !read.includes(table))
      yield {
        path: [table],
        message: `nothing would fill these columns, because streams does not name ${table}: add it there, or remove them`,
      };
    const declared = tableOf(stream).columns;
    const withAdded = withCustomColumns(stream, custom);
    const owners = new Map(Object.keys(declared).map((name) => [name, [name]]));
    for (const [name, { type, field = name, personal }] of Object.entries(columns)) {
      const path = [table, name];
      if (!/^[a-z][a-z0-9_]{0,59}$/.test(name))
        yield {
          path,
          message:
            'the name has to be up to 60 lower-case letters, digits and underscores, and begin with a letter; name the field of the API in field',
        };
      else if (name === 'dt') yield { path, message: 'dt is the day of the partition; choose another name' };
      else if (Object.hasOwn(declared, name))
        yield { path, message: `${table} has a column '${name}' already; choose another name` };
      if (field.includes('.'))
        yield {
          path: [...path, 'field'],
          message: `a column takes a whole field of the row: make a column of type 'json' of '${field.slice(0, field.indexOf('.'))}', and take the value from it in SQL`,
        };
      if (Object.hasOwn(declared, name)) continue;
      const before = owners.get(field) ?? [];
      const taken = before.find((owner) => takesAll(withAdded, owner, type));
      if (taken !== undefined)
        yield {
          path,
          message: `the field '${field}' has the column '${taken}' already, which leaves no value for one of type '${type}'`,
        };
      const kind = withAdded.columns[before[0] ?? '']?.personal;
      if (kind !== undefined && personal !== undefined && personal !== kind)
        yield {
          path: [...path, 'personal'],
          message: `the field '${field}' holds the kind '${kind}': leave personal out`,
        };
      if (isChoosing && withAdded.columns[name]?.isPersonalUnknown)
        yield {
          path,
          message:
            "say personal: false, or personal: 'name' (or another kind). Its values would be kept, whatever they are, although personalData drops or hashes some",
        };
      owners.set(field, [...before, name]);
    }
  }
  if (JSON.stringify(custom).length > maxJson)
    yield { path: [], message: `takes more than ${maxJson} characters as JSON: shorten the descriptions` };
}

/** Whether a column leaves no value of a type to later columns of the same field. */
function takesAll(stream: Stream, name: string, later: ColumnType): boolean {
  const column = Object.hasOwn(stream.columns, name) ? stream.columns[name] : undefined;
  // A row whose key does not fit is rejected. The pipeline fills its own columns and the parent's id.
  if (!column || stream.key.includes(name)) return true;
  return takesEach(column.type, later, isIdColumn(stream, name, column));
}
