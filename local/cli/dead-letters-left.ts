import { counted } from '../../lambdas/core/runs/counted.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { opsCommand } from './suggested-command.ts';

/** The lines that a run ends with if dead letters lie in the folder: how many, and the command that sends them again. */
export async function deadLettersLeft(cloud: Pick<Cloud, 'queues'>, out: string): Promise<string[]> {
  const count = cloud
    .queues()
    .filter(({ name }) => name.endsWith('/dead-letters'))
    .reduce((sum, { ready }) => sum + ready, 0);
  if (count === 0) return [];
  return [
    `${counted(count, 'dead letter is', 'dead letters are')} left of work that failed again and again. Once the cause is fixed: ${await opsCommand('replay-dead-letters', out)}`,
  ];
}
