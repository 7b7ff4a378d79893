/** Generates lib/config/workspace-input.ts: the type that an editor shows while a person writes the configuration. */

import type { Column } from '../lambdas/contract/column-types.ts';
import { ownTables, streams } from '../lambdas/streams/registry.ts';
import { type Field, literal, workspaceSchema } from './configuration-page.ts';

/**
 * Types of fields for which an editor suggests values or shows comments. Other fields have the types of the schema.
 */
const suggested: Readonly<Record<string, string>> = {
  customColumns: '{ [table in StreamName]?: Record<string, CustomColumn> } | undefined',
  streams: "'all' | readonly StreamName[] | undefined",
  'personalData.drop': 'Suggested<PersonalClass | PersonalColumn>[] | undefined',
  // The check refuses to hash free text, and columns that are not text.
  'personalData.hash': "Suggested<Exclude<PersonalClass, 'quote'> | HashableColumn>[] | undefined",
};

/** Declared columns that hold personal data, as `personalData` names them. */
function personalColumns(isListed: (column: Column) => boolean): string {
  const names = [...streams, ...ownTables].flatMap(({ name: table, columns }) =>
    Object.entries<Column>(columns).flatMap(([name, column]) =>
      column.personal && !name.startsWith('_') && isListed(column) ? [`\n  | '${table}.${name}'`] : [],
    ),
  );
  return names.join('');
}

const isText = ({ type, personal }: Column) => (type === 'string' || type === 'string_list') && personal !== 'quote';

export function workspaceInput(): string {
  return `/** Written by tools/workspace-input.ts. Change lib/config/workspace-fields.ts, then run: npm run generate */

import type { z } from 'zod';
import type { CustomColumn } from '../../lambdas/contract/custom-columns.ts';
import type { PersonalClass } from '../../lambdas/contract/personal-data.ts';
import type { StreamName } from '../../lambdas/streams/registry.ts';
import type { workspaceFields } from './workspace-fields.ts';

type Fields = z.input<typeof workspaceFields>;
/** Any text, of which an editor suggests some. The check of the configuration refuses what does not exist. */
type Suggested<Known extends string> = Known | (string & Record<never, never>);

/** Declared columns with personal data. Other columns, such as custom ones, can be named too. */
type PersonalColumn =
  | HashableColumn${personalColumns((column) => !isText(column))};
/** Those whose values can be hashed and still be compared. */
type HashableColumn =${personalColumns(isText)};

/** One workspace as a person writes it. */
export interface WorkspaceInput {
${[...linesOf(workspaceSchema(), [], '  ')].join('\n')}
}
`;
}

function* linesOf(
  { properties = {}, required = [] }: Field,
  path: readonly string[],
  indent: string,
): Generator<string> {
  for (const [name, one] of Object.entries(properties)) {
    const own = [...path, name];
    yield `${indent}${commentOf(one)}`;
    const head = `${indent}${name}${required.includes(name) ? '' : '?'}:`;
    if (one.properties) {
      yield `${head}\n${indent}  | {`;
      yield* linesOf(one, own, `${indent}      `);
      yield `${indent}    }\n${indent}  | undefined;`;
    } else yield `${head} ${suggested[own.join('.')] ?? schemaType(own)};`;
  }
}

/** The description and the default. A group itself has no default; its fields have theirs. */
function commentOf({ description = '', default: preset, properties }: Field): string {
  const text = description.replaceAll(/\[[\w-]+\.md\]\(([\w-]+\.md)\)/g, 'docs/$1');
  return `/** ${text}${preset === undefined || properties ? '' : ` @default ${literal(preset)}`} */`;
}

function schemaType([first = '', ...rest]: readonly string[]): string {
  return rest.reduce((type, name) => `NonNullable<${type}>['${name}']`, `Fields['${first}']`);
}
