import { z } from 'zod';
import { type Addresses, attributeOf, referenceTo } from './addresses.ts';
import { isTrue } from './conditions.ts';
import {
  attributeArguments,
  ifArguments,
  joinArguments,
  selectArguments,
  splitArguments,
  stackOutputArguments,
  subArguments,
} from './intrinsic-arguments.ts';
import type { Assembly, Resource, Stack } from './template.ts';

/** Something in a template has no value here: the message names the stack, the place and the expression. */
export class UnresolvableError extends Error {
  constructor(stack: string, place: string, expression: unknown, why: string) {
    super(`Stack ${stack}, ${place}: ${JSON.stringify(expression)} cannot be resolved: ${why}`);
    this.name = 'UnresolvableError';
  }
}

interface Scope {
  readonly stack: Stack;
  /** Where the expression stands, for errors. */
  readonly place: string;
  readonly depth: number;
}

const maxDepth = 64;
const circular = 'it goes round in a circle.';
/** Gives expressions of the templates the values that they have in the embedded cloud. */
export class Resolver {
  readonly #assembly: Assembly;
  readonly #addresses: Addresses;

  constructor(assembly: Assembly, addresses: Addresses) {
    this.#assembly = assembly;
    this.#addresses = addresses;
  }

  /**
   * The value of a property. `AWS::NoValue` is undefined, and a key or item that has it is left out.
   * @throws UnresolvableError
   */
  property(resource: Resource, name: string): unknown {
    const stack = this.#stackNamed(resource.stack);
    return this.#value(resource.properties[name], { stack, place: `${resource.logicalId}.${name}`, depth: 0 });
  }

  /** The outputs of a stack, or undefined where there is none of this name. */
  outputs(stackName: string): Record<string, string> | undefined {
    const stack = this.#assembly.stacks.get(stackName);
    if (!stack) return undefined;
    const valueOf = (name: string, value: unknown) => this.#text(value, { stack, place: `output ${name}`, depth: 0 });
    return Object.fromEntries(Object.entries(stack.outputs).map(([name, { Value }]) => [name, valueOf(name, Value)]));
  }

  /** Whether the template's conditions let the resource be. */
  exists(resource: Resource): boolean {
    if (resource.condition === undefined) return true;
    const stack = this.#stackNamed(resource.stack);
    return this.#condition(resource.condition, { stack, place: `${resource.logicalId}.Condition`, depth: 0 });
  }

  #stackNamed(name: string): Stack {
    const stack = this.#assembly.stacks.get(name);
    if (!stack)
      throw new Error(`The assembly has no stack ${name}; it has ${[...this.#assembly.stacks.keys()].join(', ')}.`);
    return stack;
  }

  #value(expression: unknown, outer: Scope): unknown {
    const scope = { ...outer, depth: outer.depth + 1 };
    if (scope.depth > maxDepth) throw this.#unresolvable(expression, scope, circular);
    if (typeof expression === 'string') {
      if (expression.includes('{{resolve:'))
        throw this.#unresolvable(expression, scope, 'dynamic references are not known here.');
      return expression;
    }
    if (Array.isArray(expression))
      return expression.map((item) => this.#value(item, scope)).filter((item) => item !== undefined);
    if (typeof expression !== 'object' || expression === null) return expression;
    const entries = Object.entries(expression);
    const [key, argument] = entries[0] ?? [];
    if (entries.length === 1 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'))) {
      return this.#intrinsic(key, argument, expression, scope);
    }
    const resolved = entries.map(
      ([name, value]) => [name, this.#value(value, { ...scope, place: `${scope.place}.${name}` })] as const,
    );
    return Object.fromEntries(resolved.filter(([, value]) => value !== undefined));
  }

  #intrinsic(name: string, argument: unknown, expression: unknown, scope: Scope): unknown {
    const parse = <T>(schema: z.ZodType<T>): T => {
      const result = schema.safeParse(argument);
      if (result.success) return result.data;
      throw this.#unresolvable(expression, scope, 'its arguments are not those of this function.');
    };
    switch (name) {
      case 'Ref':
        return this.#reference(parse(z.string()), scope);
      case 'Fn::GetAtt': {
        const { id, attribute } = parse(attributeArguments);
        return this.#attribute(id, attribute, scope);
      }
      case 'Fn::Join': {
        const [separator, items] = parse(joinArguments);
        return this.#list(items, scope).join(separator);
      }
      case 'Fn::Select': {
        const [index, items] = parse(selectArguments);
        const item = this.#list(items, scope)[index];
        if (item === undefined) throw this.#unresolvable(expression, scope, `there is no item ${index}.`);
        return item;
      }
      case 'Fn::Split': {
        const [separator, text] = parse(splitArguments);
        return this.#text(text, scope).split(separator);
      }
      case 'Fn::Sub':
        return this.#substitute(parse(subArguments), scope);
      case 'Fn::If': {
        const [condition, yes, no] = parse(ifArguments);
        return this.#value(this.#condition(condition, scope) ? yes : no, scope);
      }
      case 'Fn::ImportValue':
        return this.#import(this.#text(argument, scope), expression, scope);
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = parse(stackOutputArguments);
        return this.#output(this.#text(StackName, scope), this.#text(OutputName, scope), expression, scope);
      }
      default:
        throw this.#unresolvable(expression, scope, `the function ${name} is not known here.`);
    }
  }

  #reference(id: string, scope: Scope): unknown {
    const { stack } = scope;
    if (id === 'AWS::NoValue') return undefined;
    const pseudo = this.#addresses.pseudoParameters(stack.name)[id];
    if (pseudo !== undefined) return pseudo;
    const resource = stack.resources.get(id);
    if (resource)
      return this.#known(referenceTo(resource, this.#addresses, this), `Ref of ${resource.type}`, { Ref: id }, scope);
    const parameter = stack.parameters[id];
    if (parameter?.Default !== undefined) return parameter.Default;
    throw this.#unresolvable({ Ref: id }, scope, 'the stack has no such resource, or parameter with a default.');
  }

  #attribute(id: string, attribute: string, scope: Scope): unknown {
    const expression = { 'Fn::GetAtt': [id, attribute] };
    const resource = scope.stack.resources.get(id);
    if (!resource) throw this.#unresolvable(expression, scope, 'the stack has no such resource.');
    const value = attributeOf(resource, attribute, this.#addresses, this);
    return this.#known(value, `${attribute} of ${resource.type}`, expression, scope);
  }

  #known(value: string | undefined, what: string, expression: unknown, scope: Scope): string {
    if (value === undefined) throw this.#unresolvable(expression, scope, `the embedded cloud does not know ${what}.`);
    return value;
  }

  #substitute({ text, values }: { text: string; values: Record<string, unknown> }, scope: Scope): string {
    return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in values) return this.#text(values[name], scope);
      const dot = name.indexOf('.');
      return String(
        dot < 0 ? this.#reference(name, scope) : this.#attribute(name.slice(0, dot), name.slice(dot + 1), scope),
      );
    });
  }

  #import(exportName: string, expression: unknown, scope: Scope): unknown {
    for (const stack of this.#assembly.stacks.values()) {
      for (const [id, output] of Object.entries(stack.outputs)) {
        const inner = { stack, place: `output ${id}`, depth: scope.depth };
        if (output.Export && this.#text(output.Export.Name, inner) === exportName)
          return this.#value(output.Value, inner);
      }
    }
    throw this.#unresolvable(expression, scope, `no stack exports ${exportName}.`);
  }

  #output(stackName: string, name: string, expression: unknown, scope: Scope): unknown {
    const stack = this.#assembly.stacks.get(stackName);
    const output = stack?.outputs[name];
    if (!stack || !output) throw this.#unresolvable(expression, scope, `no stack ${stackName} has an output ${name}.`);
    return this.#value(output.Value, { stack, place: `output ${name}`, depth: scope.depth });
  }

  #condition(name: string, scope: Scope): boolean {
    if (scope.depth > maxDepth) throw this.#unresolvable({ Condition: name }, scope, circular);
    if (!(name in scope.stack.conditions))
      throw this.#unresolvable({ Condition: name }, scope, 'the stack has no such condition.');
    return isTrue(scope.stack.conditions[name], {
      value: (expression) => this.#value(expression, scope),
      condition: (other) => this.#condition(other, { ...scope, depth: scope.depth + 1 }),
      problem: (expression, why) => this.#unresolvable(expression, scope, why),
    });
  }

  #text(expression: unknown, scope: Scope): string {
    const value = this.#value(expression, scope);
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw this.#unresolvable(expression, scope, 'it is not a text.');
  }

  #list(expression: unknown, scope: Scope): string[] {
    const value = this.#value(expression, scope);
    if (Array.isArray(value)) return value.map(String);
    throw this.#unresolvable(expression, scope, 'it is not a list.');
  }

  #unresolvable(expression: unknown, { stack, place }: Scope, why: string): UnresolvableError {
    return new UnresolvableError(stack.name, place, expression, why);
  }
}
