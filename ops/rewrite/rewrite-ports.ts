import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { pipelineTables } from '../../lambdas/contract/pipeline-tables.ts';
import { queueNames } from '../../lambdas/contract/queue-names.ts';
import type { Log } from '../../lambdas/core/ports.ts';
import type { Registry, RewritePorts } from '../../lambdas/core/rewrite/run-rewrite.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { queueDepth } from '../adapters/queue-depth.ts';
import { queueUrls, type Target } from '../target.ts';

/** Every table of the workspace, with the columns that its configuration adds. */
export function registryOf({ configured }: Pick<Target, 'configured'>): Registry {
  const custom = configured?.customColumns ?? {};
  return {
    streams: [...streams, leadExports].map((stream) => withCustomColumns(stream, custom)),
    tables: pipelineTables,
  };
}

const silent: Log = { info() {}, warn() {}, error() {} };

export function rewritePorts(target: Target): RewritePorts {
  const { store, catalog, warehouse, clock, progress } = target;
  return {
    store,
    catalog,
    warehouse,
    clock,
    log: silent,
    deadline: { remainingMilliseconds: () => Number.POSITIVE_INFINITY },
    newId: randomUUID,
    keepsVersions: target.local === undefined,
    onProgress: (objects) => progress.show(`${objects.toLocaleString('en-US')} objects looked at`),
    isBusy: () => isBusy(target),
    async wait(milliseconds) {
      progress.note(`Looks again in ${milliseconds / 60_000} minutes: functions may still run that began before.`);
      await wait(milliseconds);
    },
  };
}

/** True if a message waits or is being worked on. The functions of a local run end when they have nothing to do. */
async function isBusy(target: Target): Promise<boolean> {
  if (target.local) {
    await settled(target);
    return false;
  }
  const depths = await Promise.all(queueNames.map((name) => queueDepth(queueUrls(target, name).work)));
  return depths.some((messages) => messages > 0);
}

async function settled(target: Target): Promise<void> {
  try {
    await target.settle();
  } catch (error) {
    // If the API of a local run is not known, its functions do not run, and there is nothing to wait for.
    if (!(error instanceof UsageError)) throw error;
  }
}
