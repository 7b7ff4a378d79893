import { streams } from '../lambdas/streams/registry.ts';

/** Counts requests to the API by the table that they read. Leaves out those that read none. */
export function requestsByTable(
  requests: readonly { readonly method: string; readonly path: string }[],
): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const { method, path } of requests) {
    const stream = streams.find((each) =>
      [each.path, each.byId, each.detail?.path].some((template) => template !== undefined && isOf(template, path)),
    );
    if (method === 'GET' && stream) counted[stream.name] = (counted[stream.name] ?? 0) + 1;
  }
  return counted;
}

/** @param template a path with its parameters in braces */
function isOf(template: string, path: string): boolean {
  return new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
}
