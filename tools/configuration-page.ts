/** Generates docs/configuration.md from the schema of a workspace. */

import { z } from 'zod';
import { workspaceFields } from '../lib/config/workspace-fields.ts';

const field: z.ZodType<Field> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    anyOf: z.array(field).optional(),
    items: field.optional(),
    required: z.array(z.string()).optional(),
    properties: z.record(z.string(), field).optional(),
    additionalProperties: z.union([z.boolean(), field]).optional(),
  }),
);

/** A field of the schema, as JSON Schema has it. */
export interface Field {
  type?: string | undefined;
  description?: string | undefined;
  default?: unknown;
  minimum?: number | undefined;
  maximum?: number | undefined;
  enum?: unknown[] | undefined;
  const?: unknown;
  anyOf?: Field[] | undefined;
  items?: Field | undefined;
  required?: string[] | undefined;
  properties?: Record<string, Field> | undefined;
  additionalProperties?: boolean | Field | undefined;
}

export interface ConfigurationField {
  /** Path of the field, such as `retention.rawDays`. */
  readonly path: string;
  readonly type: string;
  /** The default as a person would write it; undefined if there is none. */
  readonly default: string | undefined;
  readonly required: boolean;
  readonly description: string;
}

/** Every field, in the order of the schema. For a group that always exists, only its fields are listed. */
export function configurationFields(): ConfigurationField[] {
  return [...fieldsOf(workspaceSchema(), '')];
}

export function workspaceSchema(): Field {
  return field.parse(z.toJSONSchema(workspaceFields, { io: 'input', unrepresentable: 'any' }));
}

function* fieldsOf({ properties = {}, required = [] }: Field, prefix: string): Generator<ConfigurationField> {
  for (const [name, one] of Object.entries(properties)) {
    const path = `${prefix}${name}`;
    const isAlways = one.properties !== undefined && one.default !== undefined;
    if (!isAlways) {
      yield {
        path,
        type: typeOf(one),
        default: one.default === undefined ? undefined : literal(one.default),
        required: required.includes(name),
        description: one.description ?? '',
      };
    }
    yield* fieldsOf(one, `${path}.`);
  }
}

function typeOf(one: Field): string {
  if (one.anyOf) return [...new Set(one.anyOf.map(typeOf))].join(' or ');
  if (one.const !== undefined) return literal(one.const);
  if (one.enum) return one.enum.map(literal).join(', ');
  if (one.type === 'array') return `list of ${one.items?.enum ? 'events' : 'text'}`;
  if (one.properties) return 'the fields below';
  const inner = typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined;
  if (inner?.type === 'object') return 'columns by table';
  if (one.type === 'object') return 'text by name';
  if (one.type === 'boolean') return 'true or false';
  if (one.type !== 'integer' && one.type !== 'number') return 'text';
  return `${one.type === 'integer' ? 'whole number' : 'number'} from ${one.minimum} to ${one.maximum}`;
}

export function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  return JSON.stringify(value);
}

export function configurationPage(): string {
  const rows = configurationFields().map(({ path, type, default: preset, required, description }) => {
    const shown = preset === undefined ? (required ? 'has to be given' : 'none') : `\`${preset}\``;
    return `| \`${path}\` | ${type} | ${shown} | ${description} |`;
  });
  return `<!-- Written by tools/configuration-page.ts. Change lib/config/workspace-fields.ts, then run: npm run generate -->

# Configuration

\`prospect-lake.config.ts\` lists the workspaces, each deployed in stacks of its own. Several can be in one account, and share nothing. Every command that reads the file checks it first. If something is wrong with it, such as an unknown field or a schedule that would never begin, the command ends with a line that says where, what and what to do.

\`\`\`ts
export const workspaces = defineConfig([
  { name: 'sales', schedule: { timezone: 'Europe/Zurich' }, personalData: { drop: ['body'], hash: ['email', 'phone'] } },
  { name: 'partners', streams: ['leads', 'lead_messages'], retention: { rawDays: 7, historyDays: 365 } },
]);
\`\`\`

| field | value | default | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}
