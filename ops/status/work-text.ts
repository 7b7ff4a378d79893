import { counted } from '../../lambdas/core/runs/counted.ts';

/** The work that a message of each queue stands for. Omits `publish`, which checks runs even if no work is left. */
const workOf: Readonly<Record<string, readonly [one: string, several: string]>> = {
  extract: ['task to read', 'tasks to read'],
  convert: ['chunk to convert', 'chunks to convert'],
  refresh: ['event to follow', 'events to follow'],
  export: ['step of an export', 'steps of exports'],
};

/** The work in queues: `2 tasks to read, 1 chunk to convert`. Empty if there is none. */
export function workText(queues: readonly { readonly name: string; readonly count: number }[]): string {
  return queues
    .flatMap(({ name, count }) => {
      const work = workOf[name];
      return work && count > 0 ? [counted(count, ...work)] : [];
    })
    .join(', ');
}
