import { createS3Store } from '../lambdas/adapters/s3-store.ts';
import { createSqsQueue } from '../lambdas/adapters/sqs-queue.ts';
import {
  type DataOutputs,
  type PipelineOutputs,
  queueOutputs,
  type WorkQueueName,
} from '../lambdas/contract/outputs.ts';
import type { ObjectStore, Queue } from '../lambdas/core/ports.ts';
import { readDeployment } from './adapters/deployment.ts';

/** A workspace that is operated: in an account, or in the embedded cloud, which answers the same calls. */
export interface Target {
  readonly workspace: string;
  readonly data: DataOutputs;
  readonly pipeline: PipelineOutputs;
  readonly store: ObjectStore;
  queue(name: WorkQueueName): Queue;
  /** Until what a command has begun is over, where the target lives only as long as the command. */
  settle(): Promise<void>;
}

/** Addresses of a work queue and its dead-letter queue. */
export function queueUrls({ pipeline }: Target, name: WorkQueueName): { work: string; deadLetters: string } {
  const { work, deadLetters } = queueOutputs[name];
  return { work: pipeline[work], deadLetters: pipeline[deadLetters] };
}

/** @throws UsageError where there is no such deployment */
export async function openTarget(workspace: string, settle: () => Promise<void> = async () => {}): Promise<Target> {
  const { data, pipeline } = await readDeployment(workspace);
  const target: Target = {
    workspace,
    data,
    pipeline,
    store: createS3Store(data.BucketName),
    queue: (name) => createSqsQueue(queueUrls(target, name).work),
    settle,
  };
  return target;
}
