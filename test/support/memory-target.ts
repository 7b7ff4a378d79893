import { pipelineOutputs, queueOutputs } from '../../lambdas/contract/outputs.ts';
import { queueNames } from '../../lambdas/contract/queue-names.ts';
import { noProgress } from '../../local/cli/progress-display.ts';
import { pipe } from '../../local/cli/terminal.ts';
import type { Target } from '../../ops/target.ts';
import type { AuditWorld } from './audit-world.ts';

const nowhere = 'https://nowhere.invalid';

/** An in-memory workspace for the commands of `npx prospect-lake ops`, except for those that call AWS. */
export function memoryTarget(world: Pick<AuditWorld, 'pipeline' | 'clock' | 'api'>): Target {
  const { pipeline, clock } = world;
  const addresses = queueNames.flatMap((name) => Object.values(queueOutputs(name)).map((output) => [output, nowhere]));
  return {
    workspace: 'main',
    data: { BucketName: 'lake', ApiKeySecretArn: 'none', DatabaseName: 'none', WorkgroupName: 'none' },
    pipeline: pipelineOutputs.parse({
      ...Object.fromEntries(addresses),
      ApiBaseUrl: nowhere,
      PlanFunctionName: 'plan',
      MissedRunsUrl: nowhere,
      EventSourceMappings: 'none',
      Schedules: 'none',
    }),
    store: pipeline.store,
    warehouse: pipeline.warehouse,
    configured: undefined,
    publishCheckSeconds: 60,
    clock,
    catalog: pipeline.catalog,
    requestsPerMinute: 60,
    progress: noProgress,
    terminal: pipe,
    queue: (name) => pipeline.queues.queue(name === 'extract' || name === 'convert' ? name : 'publish'),
    api: () => world.api(),
    settle: () => pipeline.settle(),
  };
}
