import { z } from 'zod';
import { hasToken, isNumberToken } from './cdk-token.ts';
import { closestName } from '../../lambdas/contract/closest-name.ts';
import { type WorkspaceConfig, workspaceConfig } from './workspace-config.ts';
import { workspaceFields } from './workspace-fields.ts';
import type { WorkspaceInput } from './workspace-input.ts';

/** The configuration is invalid. Each line of the message says where, what is wrong and what to do. */
export class ConfigError extends Error {
  // Private, so that Node does not print the problems again below the message.
  readonly #problems: readonly string[];

  constructor(problems: readonly string[]) {
    const list = problems.length === 1 ? ` ${problems[0]}` : problems.map((problem) => `\n  - ${problem}`).join('');
    super(`The configuration cannot be used:${list}`);
    this.name = 'ConfigError';
    // An app that does not catch it shows the person this text. The calls inside this project would only bury it.
    this.stack = `${this.name}: ${this.message}`;
    this.#problems = problems;
  }

  get problems(): readonly string[] {
    return this.#problems;
  }
}

const example = "{ name: 'main' }";
const list = z.array(z.unknown());

/**
 * Checks one workspace and fills in its defaults. A workspace that was already checked is returned unchanged.
 * @throws ConfigError
 */
export function parseWorkspace(input: WorkspaceInput): WorkspaceConfig {
  return parse(input, 'workspace');
}

/**
 * Checks the workspaces of a deployment: there must be at least one, and their names must differ.
 * @throws ConfigError with the problems of all of them
 */
export function defineConfig(inputs: readonly WorkspaceInput[]): WorkspaceConfig[] {
  if (!list.safeParse(inputs).success) {
    const given = inputs === undefined ? 'nothing' : `one ${typeof inputs}`;
    throw new ConfigError([
      `defineConfig takes a list of workspaces and was given ${given}: write defineConfig([${example}]), with the brackets.`,
    ]);
  }
  const problems: string[] = [];
  const workspaces: WorkspaceConfig[] = [];
  const names = new Set<string>();
  if (inputs.length === 0) problems.push(`There is no workspace: give at least one, such as ${example}.`);
  for (const [index, input] of inputs.entries()) {
    try {
      const workspace = parse(input, inputs.length === 1 ? 'workspace' : `workspace ${index + 1} of the list`);
      if (names.has(workspace.name))
        problems.push(`workspace '${workspace.name}': there are two with this name; give each its own name`);
      names.add(workspace.name);
      workspaces.push(workspace);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return workspaces;
}

/** @param unnamed what to call a workspace without a name */
function parse(input: unknown, unnamed: string): WorkspaceConfig {
  const result = workspaceConfig.safeParse(input, { error: ownWords });
  if (result.success) return result.data;
  const named = z.object({ name: z.string().refine((name) => !hasToken(name)) }).safeParse(input);
  const where = named.success ? `workspace '${named.data.name}'` : unnamed;
  const problems = result.error.issues
    .flatMap((issue) => describe(input, issue))
    .map((problem) => `${where}: ${problem}`);
  // A token or an object of a class can violate several rules of its field.
  throw new ConfigError([...new Set(problems)]);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at instanceof Object ? Reflect.get(at, key) : undefined), input);
}

/** Whether a value is a token of the CDK, of which no rule can be checked. */
function isToken(value: unknown): boolean {
  return typeof value === 'string' ? hasToken(value) : typeof value === 'number' && isNumberToken(value);
}

/** The class of an object that is not a plain one, such as `Vpc`; undefined for anything else. */
function classOf(value: unknown): string | undefined {
  if (!(value instanceof Object) || Array.isArray(value)) return undefined;
  // The bundles of the CDK number some of their classes.
  const name = value.constructor.name.replace(/\d+$/, '');
  return name === 'Object' ? undefined : name;
}

const noToken = ([field]: readonly PropertyKey[]) =>
  `has to be known before the deployment, which a token of the CDK is not: write the value${field === 'region' || field === 'account' ? ', or leave the field out' : ''}`;

/** What to say about one issue of the schema: a line for each field. */
function describe(input: unknown, issue: z.core.$ZodIssue): string[] {
  const { path } = issue;
  const places = Array.from({ length: path.length + 1 }, (_, length) => path.slice(0, length));
  for (const place of places) {
    const given = classOf(valueAt(input, place));
    const names = fieldsAt(place);
    // The fields that an object of a class lacks, or has too many, would only confuse.
    if (given !== undefined && names.length > 0)
      return [`${pathOf(place)}was given a ${given} and has to be ${objectWith(names)}`];
  }
  if (isToken(valueAt(input, path))) return [`${pathOf(path)}${noToken(path)}`];
  if (issue.code !== 'unrecognized_keys') return [`${pathOf(path)}${issue.message}`];
  const names = fieldsAt(path);
  return issue.keys.map((name) => {
    const meant = namesElsewhere[name] ?? closestName(name, names) ?? fieldWithin(path, name);
    const all = names.length > 0 ? `; the fields are ${names.join(', ')}` : '';
    return `${pathOf([...path, name])}there is no such field${meant === undefined ? all : `; did you mean ${meant}?`}`;
  });
}

/** What constructs of the CDK call these fields. */
const namesElsewhere: Readonly<Record<string, string>> = {
  env: 'account and region',
  encryptionKey: 'kmsKeyArn',
};

const objectWith = (names: readonly string[]) => `an object in braces with fields of these: ${names.join(', ')}`;

/** Names of the fields of the object at a path of the configuration; none if they cannot be listed. */
function fieldsAt(path: readonly PropertyKey[]): string[] {
  let schema: z.core.$ZodType | undefined = workspaceFields;
  for (const key of path) {
    schema = withoutDefault(schema);
    if (isObject(schema)) schema = schema._zod.def.shape[String(key)];
    else schema = schema instanceof z.ZodRecord ? schema.valueType : undefined;
  }
  schema = withoutDefault(schema);
  return isObject(schema) ? Object.keys(schema._zod.def.shape) : [];
}

/** A field of this name within another field of the object: `schedule.timezone` for `timezone`. */
function fieldWithin(path: readonly PropertyKey[], name: string): string | undefined {
  const owner = fieldsAt(path).find((field) => fieldsAt([...path, field]).includes(name));
  return owner === undefined ? undefined : `${owner}.${name}`;
}

function isObject(schema: z.core.$ZodType | undefined): schema is z.core.$ZodObject {
  return schema instanceof z.ZodObject;
}

function withoutDefault(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const isWrapped =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return isWrapped ? withoutDefault(schema.unwrap()) : schema;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${path.map(String).join('.')}: `;
}

const wanted: Readonly<Record<string, string>> = {
  record: "has to be names with text, in braces: { team: 'data' }",
  string: 'has to be text, in quotes',
};

/** The message for a field that has none of its own: zod's messages address the author of a schema. */
function ownWords({ code, expected, input, path = [] }: z.core.$ZodRawIssue): string | undefined {
  if (code !== 'invalid_type') return undefined;
  if (path.length === 0)
    return `has to be ${Array.isArray(input) ? 'one workspace, not a list of them' : 'an object'}, such as ${example}`;
  if (input === undefined) return 'has to be given';
  return expected === 'object' ? `has to be ${objectWith(fieldsAt(path))}` : wanted[String(expected)];
}
