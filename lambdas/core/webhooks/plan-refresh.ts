import { createHash } from 'node:crypto';
import { z } from 'zod';
import { maxIdsPerTask, type Plan, type Task } from '../../contract/run.ts';
import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { Stream } from '../../contract/stream.ts';
import { eventTarget, type WebhookMessage } from '../../contract/webhook.ts';
import { resourceIdIn } from './event-resource.ts';
import { familyOf } from '../runs/families.ts';
import { changedSelection, type ReadSettings } from '../runs/selections.ts';
import { runIdOf } from '../runs/run-ids.ts';

/** An event, and the stream and row that it is about. */
export interface RefreshEvent {
  readonly message: WebhookMessage;
  /** The stream that the event is about; undefined if the event is a ping or unknown. */
  readonly stream: string | undefined;
  /** Id of the row that the event is about; undefined if the body names none. Then the stream is read for changes. */
  readonly resourceId: string | undefined;
}

export interface RefreshPlanning {
  readonly events: readonly RefreshEvent[];
  /** Enabled streams. */
  readonly streams: readonly Stream[];
  readonly state: PipelineState;
  readonly now: Date;
  readonly deadlineHours: number;
  readonly settings: ReadSettings;
}

const jsonObject = z.record(z.string(), z.unknown()).catch({});
const hour = 3_600_000;

export function refreshEvent(message: WebhookMessage): RefreshEvent {
  const target = eventTarget(message.event);
  const fields = jsonObject.parse(JSON.parse(message.body));
  return { message, stream: target?.stream, resourceId: target && resourceIdIn(fields, target.resource) };
}

/**
 * Id of the run for a batch of events. The same events give the same id, so a batch that is delivered again does not
 * start a second run.
 */
export function refreshRunId(messages: readonly WebhookMessage[]): string {
  const oldest = messages.map(({ receivedAt }) => receivedAt).toSorted()[0] ?? '';
  const deliveries = messages.map(({ deliveryId }) => deliveryId).toSorted();
  const digest = createHash('sha256').update(deliveries.join('\n')).digest('hex').slice(0, 8);
  return `${runIdOf('refresh', new Date(oldest))}-${digest}`;
}

/**
 * Plans one run for a batch of events. Each resource is read once, however many events name it. The plan has no tasks
 * if no event is about an enabled stream.
 */
export function planRefresh({ events, streams, state, now, deadlineHours, settings }: RefreshPlanning): Plan {
  const tasks: Task[] = [];
  const families = new Set<string>();
  for (const root of streams) {
    const own = events.filter(({ stream }) => stream === root.name);
    if (own.length === 0) continue;
    for (const { name } of familyOf(root, streams)) families.add(name);
    const ids = [...new Set(own.flatMap(({ resourceId }) => resourceId ?? []))];
    for (let part = 0; part * maxIdsPerTask < ids.length; part += 1) {
      tasks.push({
        taskId: `${root.name}.ids.${part}`,
        stream: root.name,
        selection: { kind: 'ids', ids: ids.slice(part * maxIdsPerTask, (part + 1) * maxIdsPerTask) },
      });
    }
    if (own.some(({ resourceId }) => resourceId === undefined)) {
      tasks.push({
        taskId: `${root.name}.list`,
        stream: root.name,
        selection: changedSelection(root, { state, settings }),
      });
    }
  }
  return {
    runId: refreshRunId(events.map(({ message }) => message)),
    kind: 'refresh',
    startedAt: now.toISOString(),
    deadline: new Date(now.getTime() + deadlineHours * hour).toISOString(),
    streams: streams.filter(({ name }) => families.has(name)).map(({ name }) => name),
    tasks,
    fullRefresh: false,
  };
}
