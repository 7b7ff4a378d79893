import type { RunReport, TableReport } from '../../lambdas/contract/run-report.ts';
import { PipelineError } from '../../lambdas/core/errors.ts';
import type { CurrentRow } from '../../local/simulator/truth/content.ts';
import type { Night, Reading, Refresh } from '../../local/simulator/truth/nights.ts';
import type { FixedClock } from './fixed-clock.ts';
import type { MemoryPipeline } from './memory-pipeline.ts';

const planAttempts = 3;

/** A pipeline for trials of many nights: it runs nights and events, and shows its tables. */
export interface PipelineDriver {
  /**
   * Runs the night at the clock's time and everything that follows from it, including confirmations of deletions.
   * @returns no report if no run could be planned
   */
  night(): Promise<{ readonly night: Night; readonly report: RunReport | undefined }>;
  /** Refreshes after an event about a lead. @param lead id as the API returns it */
  event(lead: string): Promise<Omit<Refresh, 'lead'>>;
  /** Rows of a current table. */
  current(table: string): Promise<readonly CurrentRow[]>;
}

/** The pipeline in memory. */
export class MemoryDriver implements PipelineDriver {
  readonly #pipeline: MemoryPipeline;
  readonly #clock: FixedClock;
  #events = 0;

  constructor(pipeline: MemoryPipeline, clock: FixedClock) {
    this.#pipeline = pipeline;
    this.#clock = clock;
  }

  async night() {
    const startedAt = this.#now();
    const plan = await this.#plan(new Date(startedAt));
    const report = plan && (await this.#pipeline.finish(plan.runId));
    const before = this.#pipeline.reports.length;
    await this.#pipeline.settle();
    const confirmation = this.#pipeline.reports.slice(before).find(({ runId }) => runId === report?.confirmRunId);
    const isConfirmed = report?.confirmRunId === undefined || confirmation?.status === 'complete';
    const tables = report ? readingsIn(report) : new Map<string, Reading>();
    const onceOnly = new Set(Object.entries(report?.tables ?? {}).flatMap(([name, table]) => saysOnce(table, name)));
    const failedParents = new Map(
      Object.entries(report?.tables ?? {}).map(([name, { itemsFailed }]) => [name, itemsFailed] as const),
    );
    return { night: { startedAt, endedAt: this.#now(), tables, failedParents, isConfirmed, onceOnly }, report };
  }

  /** Plans the night; retries a failed invocation, as Lambda does. */
  async #plan(scheduledAt: Date) {
    for (let attempt = 0; attempt < planAttempts; attempt += 1) {
      try {
        return await this.#pipeline.plan({ scheduledAt: scheduledAt.toISOString() });
      } catch (error) {
        if (!(error instanceof PipelineError)) throw error;
        this.#clock.advance(60_000);
      }
    }
    return undefined;
  }

  async event(lead: string) {
    const startedAt = this.#now();
    const at = new Date(startedAt).toISOString();
    this.#events += 1;
    const report = await this.#pipeline.refresh([
      {
        deliveryId: `delivery_${this.#events}`,
        event: 'lead.updated',
        signedAt: at,
        receivedAt: at,
        body: JSON.stringify({
          id: `event_${this.#events}`,
          event: 'lead.updated',
          data: { id: lead, object: 'lead' },
        }),
      },
    ]);
    await this.#pipeline.settle();
    const tables = report ? readingsIn(report) : new Map<string, Reading>();
    return { startedAt, endedAt: this.#now(), tables };
  }

  current(table: string): Promise<readonly CurrentRow[]> {
    return this.#pipeline.rows(table);
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

function readingsIn({ tables }: RunReport): Map<string, Reading> {
  return new Map(
    Object.entries(tables).flatMap(([name, table]) => {
      const reading = readingOf(table);
      return reading ? [[name, reading] as const] : [];
    }),
  );
}

function saysOnce({ notes }: TableReport, name: string): string[] {
  return notes.some((note) => note.includes('could be read a second time')) ? [name] : [];
}

/** How completely the run read a table, according to its report; undefined if it did not read the table. */
function readingOf({ status, error, rowsRejected, itemsFailed }: TableReport): Reading | undefined {
  // A missing row may be among those rejected for their key, so nothing is deleted.
  if (status === 'complete') return rowsRejected > 0 ? 'held' : 'complete';
  if (status !== 'partial' || !['deletions_held', 'item_failed'].includes(error?.code ?? '')) return undefined;
  return itemsFailed > 0 ? 'unsure' : 'held';
}
