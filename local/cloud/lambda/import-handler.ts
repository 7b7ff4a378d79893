/** Imports no package, so that a function's process starts fast. */

export type Handler = (event: unknown, context: unknown) => unknown;

/** The handler that a module exports under this name; undefined if it exports no function. */
export async function importHandler(url: string, exported: string): Promise<Handler | undefined> {
  const module: unknown = await import(url);
  const value = fieldOf(module, exported) ?? fieldOf(fieldOf(module, 'default'), exported);
  return isHandler(value) ? value : undefined;
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}
