import type { RunKind } from '../../contract/run.ts';

/** Id of the run that is scheduled for a time. The same time gives the same id, and ids of one kind sort by time. */
export function runIdOf(kind: RunKind, scheduledAt: Date): string {
  return `${kind}-${scheduledAt.toISOString().replaceAll(/[-:.]/g, '')}`;
}

/** The scheduled time that a run id was made from. */
export function scheduledAtOf(runId: string): Date {
  const digits = /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z/.exec(runId);
  if (!digits) throw new RangeError(`'${runId}' is not the id of a run.`);
  const [, year, month, date, hours, minutes, seconds, milliseconds] = digits;
  return new Date(`${year}-${month}-${date}T${hours}:${minutes}:${seconds}.${milliseconds}Z`);
}

/** Identifies a chunk within its run. */
export const chunkId = (taskId: string, sequence: number) => `${taskId}/${sequence}`;
