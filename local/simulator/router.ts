import type { Operation } from './operations.ts';

interface Node {
  readonly children: Map<string, Node>;
  parameter?: { readonly name: string; readonly node: Node };
  readonly operations: Map<string, Operation>;
}

export interface Match {
  readonly operation: Operation;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Finds the operation of a request by the segments of its path. A fixed segment takes precedence over a parameter. */
export class Router {
  readonly #root = newNode();

  constructor(operations: readonly Operation[]) {
    for (const operation of operations) {
      let node = this.#root;
      for (const segment of segmentsOf(operation.path)) node = child(node, segment);
      node.operations.set(operation.method, operation);
    }
  }

  /** @returns the operation; undefined for an unknown path; the allowed methods if the path has no such method */
  match(method: string, path: string): Match | readonly string[] | undefined {
    const parameters: Record<string, string> = {};
    let node: Node | undefined = this.#root;
    for (const segment of segmentsOf(path)) {
      const fixed: Node | undefined = node.children.get(segment);
      if (!fixed && !node.parameter) return undefined;
      const value = fixed ? undefined : decoded(segment);
      if (!fixed && value === undefined) return undefined;
      if (!fixed && node.parameter && value !== undefined) parameters[node.parameter.name] = value;
      node = fixed ?? node.parameter?.node;
      if (!node) return undefined;
    }
    const operation = node.operations.get(method);
    if (operation) return { operation, parameters };
    return node.operations.size > 0 ? [...node.operations.keys()] : undefined;
  }
}

function newNode(): Node {
  return { children: new Map(), operations: new Map() };
}

function child(node: Node, segment: string): Node {
  if (segment.startsWith('{')) return (node.parameter ??= { name: segment.slice(1, -1), node: newNode() }).node;
  let next = node.children.get(segment);
  if (!next) node.children.set(segment, (next = newNode()));
  return next;
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function decoded(segment: string): string | undefined {
  try {
    return segment === '' ? undefined : decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
