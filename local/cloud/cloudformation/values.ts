import { z } from 'zod';
import { generatedName, kindOf, pseudoParameters, queueUrl } from './addresses.ts';
import { readableName } from './names.ts';
import type { Assembly, Resource, Stack } from './template.ts';

/**
 * An expression of a template cannot be resolved in the embedded cloud. The message names the stack, the place and the
 * expression.
 */
class UnresolvableError extends Error {
  constructor(stack: string, place: string, expression: unknown, why: string) {
    super(`Stack ${stack}, ${place}: ${JSON.stringify(expression)} cannot be resolved: ${why}`);
    this.name = 'UnresolvableError';
  }
}

/** Position of an expression in the templates. */
interface Place {
  readonly stack: Stack;
  readonly at: string;
}

const attribute = z.tuple([z.string(), z.string()]);
const join = z.tuple([z.string(), z.array(z.unknown())]);
const stackOutput = z.object({ StackName: z.string(), OutputName: z.string() });

/**
 * Resolves expressions of the templates to their values in the embedded cloud. Supports only what our own templates
 * use: Ref, Fn::GetAtt, Fn::Join, Fn::Sub and Fn::GetStackOutput.
 */
export class Values {
  readonly #assembly: Assembly;
  readonly #endpoint: string;

  /** @param endpoint the server of all AWS services, such as `http://127.0.0.1:40001` */
  constructor(assembly: Assembly, endpoint: string) {
    this.#assembly = assembly;
    this.#endpoint = endpoint;
  }

  ofType(type: string): ResourceValues[] {
    return [...this.#assembly.stacks.values()].flatMap(({ resources }) =>
      [...resources.values()].filter((one) => one.type === type).map((one) => new ResourceValues(one, this)),
    );
  }

  /** The outputs of a stack, or undefined if there is no such stack. */
  outputs(stackName: string): Record<string, string> | undefined {
    const stack = this.#assembly.stacks.get(stackName);
    if (!stack) return undefined;
    const text = (name: string, value: unknown) => String(this.#value(value, { stack, at: `output ${name}` }));
    return Object.fromEntries(Object.entries(stack.outputs).map(([name, { Value }]) => [name, text(name, Value)]));
  }

  /** A property of a resource, with its expressions resolved. @throws UnresolvableError */
  property(resource: Resource, name: string): unknown {
    const stack = this.#assembly.stacks.get(resource.stack);
    return stack && this.#value(resource.properties[name], { stack, at: `${resource.logicalId}.${name}` });
  }

  /** The resource's name in the template, or a name made of the stack's name and the logical id. */
  nameOf(resource: Resource): string {
    const { nameProperty } = kindOf(resource);
    const given = nameProperty === undefined ? undefined : this.property(resource, nameProperty);
    return typeof given === 'string' ? given : generatedName(resource);
  }

  arnOf(resource: Resource): string | undefined {
    return kindOf(resource).arn?.(this.nameOf(resource));
  }

  refOf(resource: Resource): string {
    const { ref } = kindOf(resource);
    if (ref === 'url') return queueUrl(this.#endpoint, this.nameOf(resource));
    return (ref === 'arn' && this.arnOf(resource)) || this.nameOf(resource);
  }

  #value(expression: unknown, place: Place): unknown {
    if (Array.isArray(expression)) return expression.map((item) => this.#value(item, place));
    if (typeof expression !== 'object' || expression === null) return expression;
    const entries = Object.entries(expression);
    const [name = '', argument] = entries[0] ?? [];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
      try {
        return this.#function(name, argument, place);
      } catch (error) {
        if (!(error instanceof NoValue || error instanceof z.ZodError)) throw error;
        throw new UnresolvableError(place.stack.name, place.at, expression, error.message);
      }
    }
    return Object.fromEntries(
      entries.map(([key, value]) => [key, this.#value(value, { ...place, at: `${place.at}.${key}` })]),
    );
  }

  #function(name: string, argument: unknown, place: Place): unknown {
    switch (name) {
      case 'Ref':
        return this.#reference(z.string().parse(argument), place);
      case 'Fn::GetAtt': {
        const [id, wanted] = attribute.parse(argument);
        const resource = resourceOf(id, place);
        const value = { Arn: this.arnOf(resource), QueueName: this.nameOf(resource) }[wanted];
        if (value === undefined) throw new NoValue(`the embedded cloud does not know ${wanted} of ${resource.type}.`);
        return value;
      }
      case 'Fn::Join': {
        const [separator, items] = join.parse(argument);
        return items.map((item) => String(this.#value(item, place))).join(separator);
      }
      case 'Fn::Sub':
        return z
          .string()
          .parse(argument)
          .replaceAll(/\$\{([^}]+)\}/g, (_, id: string) => this.#reference(id, place));
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = stackOutput.parse(argument);
        const stack = this.#assembly.stacks.get(StackName);
        const output = stack?.outputs[OutputName];
        if (!stack || !output) throw new NoValue(`no stack ${StackName} has an output ${OutputName}.`);
        return this.#value(output.Value, { stack, at: `output ${OutputName}` });
      }
      default:
        throw new NoValue(`the function ${name} is not known here; our templates do not use it.`);
    }
  }

  #reference(id: string, place: Place): string {
    return pseudoParameters[id] ?? this.refOf(resourceOf(id, place));
  }
}

/** A resource whose properties are resolved and parsed when they are read. */
export class ResourceValues {
  /** Readable name made of the construct ids, such as `plan` or `extract-queue/dead-letters`. */
  readonly name: string;
  readonly resource: Resource;
  readonly physicalName: string;
  /** Empty if the embedded cloud has no ARN for the resource. */
  readonly arn: string;
  readonly ref: string;
  readonly #values: Values;

  constructor(resource: Resource, values: Values) {
    this.name = readableName(resource);
    this.resource = resource;
    this.physicalName = values.nameOf(resource);
    this.arn = values.arnOf(resource) ?? '';
    this.ref = values.refOf(resource);
    this.#values = values;
  }

  /**
   * Resolves a property and parses its value.
   * @throws UnresolvableError if an expression has no value in the embedded cloud
   * @throws Error if the value does not match the schema
   */
  read<T>(property: string, schema: z.ZodType<T>): T {
    const { resource } = this;
    const result = schema.safeParse(this.#values.property(resource, property));
    if (result.success) return result.data;
    throw new Error(`Stack ${resource.stack}, ${resource.logicalId}.${property}: ${z.prettifyError(result.error)}`);
  }
}

/** Thrown while an expression is resolved; the message is the reason why it has no value. */
class NoValue extends Error {}

function resourceOf(id: string, { stack }: Place): Resource {
  const resource = stack.resources.get(id);
  if (!resource) throw new NoValue(`the stack has no resource ${id}.`);
  return resource;
}
