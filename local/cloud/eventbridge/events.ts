import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ServiceError } from '../service-error.ts';

/** An event on an event bus. */
export interface BusEvent {
  readonly id: string;
  readonly bus: string;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

const maxEntryBytes = 262_144;
const putEvents = z.object({
  Entries: z
    .array(
      z.object({
        EventBusName: z.string().default('default'),
        Source: z.string().min(1),
        DetailType: z.string().min(1),
        Detail: z.string(),
      }),
    )
    .min(1)
    .max(10),
});

/** Accepts events as EventBridge does, and records them in order. It applies no rules, so no event has a target. */
export class EventBus {
  readonly events: BusEvent[] = [];

  handle(operation: string, body: unknown): unknown {
    if (operation !== 'PutEvents') {
      throw new ServiceError(
        'UnknownOperationException',
        `The embedded cloud does not know ${operation} of EventBridge.`,
      );
    }
    const { Entries } = putEvents.parse(body);
    if (Entries.reduce((sum, { Detail }) => sum + Buffer.byteLength(Detail), 0) > maxEntryBytes) {
      throw new ServiceError('ValidationException', 'Total size of the entries in the request is over the limit.');
    }
    const results = Entries.map(({ EventBusName, Source, DetailType, Detail }) => {
      const detail = parseJson(Detail);
      if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
      const id = randomUUID();
      this.events.push({ id, bus: EventBusName, source: Source, detailType: DetailType, detail });
      return { EventId: id };
    });
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
