import { counted } from '../counted.ts';

/** What a message of each queue is. One of `publish` is a check of a run, which also comes when nothing is left to do. */
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
