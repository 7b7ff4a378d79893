/** Which tables cannot be loaded, and the settings of a workspace that leaves them out. */

import { ruleFor } from '../../lambdas/core/api/answer-rules.ts';
import { streamsIn } from '../../lambdas/streams/registry.ts';
import type { WorkspaceConfig } from '../../lib/config/workspace-config.ts';
import { workspaceFields } from '../../lib/config/workspace-fields.ts';
import { ownOperations, scopeOf } from '../../tools/scopes.ts';
import { BudgetSpentError } from '../api/ask.ts';
import { type Finding, look } from '../finding.ts';
import type { Endpoint } from './endpoints.ts';

/** Settings of `prospect-lake.config.ts`. A setting that can stay as it is has no value. */
export interface Settings {
  readonly streams?: readonly string[];
  readonly exports?: { readonly cron: 'off' };
  readonly webhooks?: { readonly enabled: false };
}

type Config = Pick<WorkspaceConfig, 'streams' | 'exports' | 'webhooks'>;

/** Whether an endpoint answers such that the table whose rows it gives cannot be loaded. */
export function losesTable({ asked, page, operation: { kind }, rejected }: Endpoint): boolean {
  if (!asked || (kind !== 'list' && kind !== 'single')) return false;
  if (asked.cause instanceof BudgetSpentError) return false;
  if (page) return rejected > 0 && rejected === page.rows.length;
  return ruleFor(asked.fault ?? asked.status ?? 'unreachable').action.kind !== 'rate-limited';
}

const streamsOf = ({ streams }: Config) => streamsIn(streams === 'all' ? 'all' : streams.join(','));

/** Adds the tables whose parents cannot be loaded: nobody knows with which ids to ask for their rows. */
export function withChildren(findings: readonly Finding[], config: Config): Finding[] {
  // The table that each lost table is lost with. Parents come before their children.
  const lostWith = new Map(findings.flatMap(({ tables }) => tables ?? []).map((table) => [table, table]));
  const children = streamsOf(config).filter(({ name, parent }) => {
    const cause = parent && lostWith.get(parent.stream);
    if (cause === undefined || lostWith.has(name)) return false;
    lostWith.set(name, cause);
    return true;
  });
  const byCause = Map.groupBy(children, ({ name }) => lostWith.get(name) ?? name);
  return [
    ...findings,
    ...[...byCause].map(([cause, lost]) => ({
      ...look(cause, 'cannot be loaded, and these tables are asked for with the ids of its rows'),
      tables: lost.map(({ name }) => name),
    })),
  ];
}

/**
 * The settings that leave out what cannot be loaded, and what the key has no scope for.
 * @returns undefined if nothing has to be left out, or if no table would remain
 */
export function settingsWithout(
  findings: readonly Finding[],
  missingScopes: ReadonlySet<string>,
  config: Config,
): Settings | undefined {
  const lost = new Set(findings.flatMap(({ tables }) => tables ?? []));
  const all = streamsOf(config).map(({ name }) => name);
  const streams = all.filter((name) => !lost.has(name));
  if (streams.length === 0) return undefined;
  const lacks = (feature: keyof typeof ownOperations) =>
    ownOperations[feature].some((operation) => missingScopes.has(scopeOf(operation)));
  const settings: Settings = {
    ...(streams.length === all.length ? {} : { streams }),
    ...(config.exports.cron !== 'off' && lacks('exports') ? { exports: { cron: 'off' } } : {}),
    ...(config.webhooks.enabled && lacks('webhooks') ? { webhooks: { enabled: false } } : {}),
  };
  return Object.keys(settings).length === 0 ? undefined : settings;
}

/** The configuration with such settings in place of its own. */
export function withSettings(config: WorkspaceConfig, { streams, exports, webhooks }: Settings = {}): WorkspaceConfig {
  return {
    ...config,
    streams: streams ? workspaceFields.shape.streams.parse(streams) : config.streams,
    exports: { ...config.exports, ...exports },
    webhooks: { ...config.webhooks, ...webhooks },
  };
}
