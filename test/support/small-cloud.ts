import { join } from 'node:path';
import { type Cloud, startCloud } from '../../local/cloud/cloud.ts';
import { dataStack, temporaryFolder, writeAssembly } from '../local/cloud/fixture-assembly.ts';

export interface SmallCloud {
  readonly cloud: Cloud;
  stop(): Promise<void>;
}

/** An embedded cloud with buckets, a queue that no function reads, and a secret without a value. */
export async function startSmallCloud(): Promise<SmallCloud> {
  const folder = await temporaryFolder();
  const queue = { WorkQueue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } } };
  const stacks = { data: dataStack, pipeline: { Resources: queue } };
  const assembly = await writeAssembly(join(folder.path, 'assembly'), stacks, false);
  const cloud = await startCloud({ assembly, out: join(folder.path, 'out') });
  const stop = async () => {
    await cloud.stop();
    await folder.remove();
  };
  return { cloud, stop };
}
