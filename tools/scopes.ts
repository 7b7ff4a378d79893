/** Finds the scopes that the API key of a workspace needs, and no others. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { streamsIn } from '../lambdas/streams/registry.ts';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { workspaceNamed } from '../local/cli/chosen-workspace.ts';
import { configuredWorkspaces, noteIfDefault } from '../local/cli/configured-workspaces.ts';
import { programCommand } from '../local/cli/command-names.ts';
import { command } from '../local/cli/run-command.ts';

const contract = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ 'x-required-scope': z.string() }))),
});
const basePath = '/api/public/v1';

export interface Operation {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** Path below the base URL. */
  readonly path: string;
}

/** Operations that the functions use in addition to reading the streams. */
export const ownOperations = {
  /** Before each run, plan checks that the key is valid. */
  plan: [{ method: 'get', path: '/me' }],
  exports: [
    { method: 'post', path: '/exports' },
    { method: 'get', path: '/exports/{export_id}' },
    { method: 'get', path: '/exports/{export_id}/download' },
  ],
  webhooks: [
    { method: 'get', path: '/webhooks' },
    { method: 'post', path: '/webhooks' },
    { method: 'patch', path: '/webhooks/{webhook_id}' },
    { method: 'delete', path: '/webhooks/{webhook_id}' },
    { method: 'get', path: '/webhooks/{webhook_id}/deliveries' },
    { method: 'post', path: '/webhooks/{webhook_id}/deliveries/{delivery_id}/retry' },
  ],
} as const satisfies Record<string, readonly Operation[]>;

/** @returns for each scope, in alphabetical order, the tables and features that need it */
export function scopesFor(
  config: Pick<WorkspaceConfig, 'streams'> & { webhooks: { enabled: boolean }; exports: { cron: string } },
): Map<string, string[]> {
  const needed = new Map<string, Set<string>>();
  const need = (operation: Operation, purpose: string) => {
    const scope = scopeOf(operation);
    needed.set(scope, (needed.get(scope) ?? new Set()).add(purpose));
  };
  for (const one of ownOperations.plan) need(one, 'every run: whose key it is');
  const streams = streamsIn(config.streams === 'all' ? 'all' : config.streams.join(','));
  for (const { name, path, byId, detail } of streams) {
    for (const each of [path, byId, detail?.path]) {
      if (each !== undefined) need({ method: 'get', path: each }, `\`${name}\``);
    }
  }
  if (config.exports.cron !== 'off') for (const one of ownOperations.exports) need(one, 'the weekly export');
  if (config.webhooks.enabled) for (const one of ownOperations.webhooks) need(one, 'the webhook endpoint');
  const scopes = [...needed].map(([scope, purposes]): [string, string[]] => [scope, [...purposes]]);
  return new Map(scopes.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The table in docs/deploy.md: the scopes for a workspace with all features. */
export function scopesTable(): string {
  const all = scopesFor({ streams: 'all', webhooks: { enabled: true }, exports: { cron: '0 3 ? * SUN *' } });
  const rows = [...all].map(([scope, purposes]) => `| \`${scope}\` | ${purposes.join(', ')} |`);
  return `| scope | for |\n|---|---|\n${rows.join('\n')}\n`;
}

/** The scope that an operation needs. @throws RangeError if the OpenAPI document has no such operation */
export function scopeOf({ method, path }: Operation): string {
  const scope = paths()[`${basePath}${path}`]?.[method]?.['x-required-scope'];
  if (scope === undefined)
    throw new RangeError(
      `lambdas/contract/openapi.json has no ${method.toUpperCase()} ${basePath}${path} with an x-required-scope.`,
    );
  return scope;
}

let known: z.infer<typeof contract>['paths'] | undefined;

function paths(): z.infer<typeof contract>['paths'] {
  const file = new URL('../lambdas/contract/openapi.json', import.meta.url);
  known ??= contract.parse(JSON.parse(readFileSync(file, 'utf8'))).paths;
  return known;
}

export const scopes = command({
  ...programCommand('scopes'),
  flags: { workspace: { value: '<name>', help: 'only this workspace of the configuration' } },
  input: z.strictObject({ workspace: z.string().optional() }),
  async run({ workspace }) {
    const workspaces = await configuredWorkspaces();
    noteIfDefault(workspaces);
    const chosen = workspace === undefined ? workspaces : [workspaceNamed(workspace, workspaces)];
    const lines = chosen.flatMap((config) => [
      `The API key of the workspace '${config.name}' needs:`,
      ...[...scopesFor(config)].map(
        ([scope, purposes]) => `  ${scope.padEnd(20)}${purposes.join(', ').replaceAll('`', '')}`,
      ),
    ]);
    process.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  },
});
