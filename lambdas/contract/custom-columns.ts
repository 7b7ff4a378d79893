import { z } from 'zod';
import { closestName } from './closest-name.ts';
import { type Column, type ColumnType, columnsByField, columnType } from './column-types.ts';
import { jsonType } from './field-counts.ts';
import { type PersonalClass, personalClass } from './personal-data.ts';
import { instant, streamName } from './run.ts';
import type { Stream } from './stream.ts';

/** What other systems call these types. */
const namesElsewhere: ReadonlyMap<string, ColumnType> = new Map([
  ['int', 'integer'],
  ['bigint', 'integer'],
  ['float', 'number'],
  ['double', 'number'],
  ['decimal', 'number'],
  ['text', 'string'],
  ['varchar', 'string'],
  ['bool', 'boolean'],
  ['datetime', 'timestamp'],
]);

const quoted = (word: string) => `'${word}'`;

/** The message of a field that takes one of these words. It names the one that was most likely meant. */
function oneOf(words: readonly string[], more = '') {
  return ({ input }: { readonly input?: unknown }): string => {
    const given = typeof input === 'string' ? input.toLowerCase() : '';
    const meant = namesElsewhere.get(given) ?? closestName(given, words);
    const hint = meant !== undefined && words.includes(meant) ? `; did you mean ${quoted(meant)}?` : '';
    return `has to be one of ${words.map(quoted).join(', ')}${more}${hint}`;
  };
}

/** A column that a workspace adds to a table. An interface, so that an editor shows what its fields mean. */
export interface CustomColumn {
  /** Type of the column, which cannot be changed once a run has written it. A value that does not fit stays in `_extra`, and the column is null. */
  type: ColumnType;
  /**
   * The field of the API's row that the column takes its value from. The default is the column's name. A field that has
   * a column already can have another one of another type: it takes the values that do not fit the first.
   */
  field?: string | undefined;
  /** One line for catalogs, such as the comment of the column in Glue. */
  description?: string | undefined;
  /**
   * Kind of personal data that the field holds, which `personalData` drops or hashes like any other of its kind, or
   * false if it holds none. Without either, `npx prospect-lake mcp` masks the column, and a configuration with
   * `personalData` is refused. A second column of a field with a kind has that kind.
   */
  personal?: PersonalClass | false | undefined;
}

/**
 * The kind of a suggested column, until a person says what the field holds: `mcp` masks the column, and every choice of
 * `personalData` drops it.
 */
export const unknownKind: PersonalClass = 'quote';

/** Columns that a workspace adds to tables, by table and column name. */
export type CustomColumns = Record<string, Record<string, CustomColumn>>;

const wantedColumns = "has to be columns by table: { leads: { lead_score: { type: 'integer', personal: false } } }";

/** Not for an unknown field of a column: the check of the configuration names the one that was meant. */
const columnProblem = ({ code }: { readonly code?: string }) => (code === 'invalid_type' ? wantedColumns : undefined);

const customColumn = z.strictObject(
  {
    // Goes on after a wrong type, so that the check of the configuration tells the column's other problems too.
    type: z.custom<ColumnType>((type) => columnType.safeParse(type).success, {
      error: oneOf(columnType.options),
      abort: false,
    }),
    field: z.string('has to be text, in quotes').min(1).max(100).optional(),
    description: z.string('has to be text, in quotes').max(200).optional(),
    personal: z
      .union([personalClass, z.literal(false)], {
        error: oneOf(personalClass.options, ', or false'),
      })
      .optional(),
  },
  { error: columnProblem },
);

export const customColumns = z.record(z.string(), z.record(z.string(), customColumn, { error: wantedColumns }), {
  error: wantedColumns,
}) satisfies z.ZodType<CustomColumns>;

/** A custom column that gets no value, because the API gives none in its field. */
export const emptyColumn = z.object({
  table: streamName,
  column: z.string(),
  field: z.string(),
  /** A field that the API gives, with the same name but for case, hyphens and underscores. Absent if there is none. */
  similar: z.string().optional(),
  /** The JSON types of the field, if none of its values can have the type of the column. */
  given: z.array(jsonType).optional(),
});
export type EmptyColumn = z.infer<typeof emptyColumn>;

/** Tells a person that a custom column gets no value, and what to check. */
export function emptyColumnText(
  { table, column, field, similar, given }: EmptyColumn,
  filling?: FillingColumn,
): string {
  if (given)
    return `The custom column ${table}.${column} gets no value: the field '${field}' gives only JSON values of the type ${given.join(' or ')}, which do not fit its type. Remove it from the configuration, or give it another type under another name.`;
  const advice =
    similar === undefined ? 'Check its name in the configuration.' : `Did you mean the field '${similar}'?`;
  if (filling)
    return `${table}.${column} is a new column, and no row that was read so far has a value in the field '${field}'. ${advice} ${untilText(filling)}`;
  return `The custom column ${table}.${column} gets no value: no row that the API gives has one in the field '${field}'. ${advice}`;
}

/** A new custom column of a child table, in which rows that were read before have null until their parent's turn comes. */
export const fillingColumn = z.object({ table: streamName, column: z.string(), until: instant });
export type FillingColumn = z.infer<typeof fillingColumn>;

/** Tells a person until when a new column is filled. */
export function fillingColumnText(filling: FillingColumn): string {
  return `${filling.table}.${filling.column} is a new column. ${untilText(filling)}`;
}

function untilText({ until }: FillingColumn): string {
  return `Rows from before have null in it until they are read again, the last of them about ${until.slice(0, 10)} (reading.childRereadDays). To read them at once: npx prospect-lake ops run --full-refresh.`;
}

/** Other types of which a column of a type takes each value. */
const takenBy: Partial<Record<ColumnType, readonly ColumnType[]>> = {
  string: ['timestamp', 'date'],
  number: ['integer'],
};
const takenByIds: readonly ColumnType[] = ['timestamp', 'date', 'number', 'integer'];

/** Whether a column takes each value of another type, and so leaves none to a later column of the same field. */
export function takesEach(type: ColumnType, other: ColumnType, isId: boolean): boolean {
  if (type === 'json' || type === other) return true;
  return (isId ? takenByIds : takenBy[type])?.includes(other) ?? false;
}

const usualDescription = (field: string) => `The field ${field}, added by the configuration.`;

/** The custom columns of streams, as a configuration can have them: the reverse of {@link withCustomColumns}. */
export function customColumnsOf(streams: readonly Stream[]): CustomColumns {
  const custom: CustomColumns = {};
  for (const { name: table, columns } of streams)
    for (const [name, { type, field, description, personal, isCustom, isPersonalUnknown }] of Object.entries(columns)) {
      if (!isCustom) continue;
      custom[table] = {
        ...custom[table],
        [name]: {
          type,
          ...(field === undefined ? {} : { field }),
          ...(description === usualDescription(field ?? name) ? {} : { description }),
          ...(isPersonalUnknown ? {} : { personal: personal ?? false }),
        },
      };
    }
  return custom;
}

/** The stream as a workspace has it: with its custom columns after the declared ones. */
export function withCustomColumns(stream: Stream, custom: CustomColumns): Stream {
  const added = custom[stream.name];
  if (!added) return stream;
  const columns: Record<string, Column> = { ...stream.columns };
  for (const [name, { type, field = name, description, ...given }] of Object.entries(added)) {
    const [firstName = name] = columnsByField(columns).get(field) ?? [];
    const first = columns[firstName];
    const personal = given.personal ?? first?.personal ?? false;
    // A second column has the values that do not fit the first. They can be anything, unless the field has a kind.
    const isPersonalUnknown = given.personal === undefined && personal === false;
    columns[name] = {
      type,
      description: description ?? usualDescription(field),
      isCustom: true,
      ...(field === name ? {} : { field }),
      ...(personal === false ? {} : { personal }),
      ...(isPersonalUnknown ? { isPersonalUnknown } : {}),
    };
  }
  return { ...stream, columns };
}
