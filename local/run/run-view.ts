import type { Waiting } from '../../lambdas/contract/run.ts';
import { PercentMeter, type ProgressView, RateMeter, retryText, waitingText } from '../cli/progress-line.ts';
import type { ApiTraffic } from '../cloud/lambda/api-traffic.ts';
import { RunProgress } from './run-progress.ts';

type Traffic = Pick<ApiTraffic, 'requests' | 'served' | 'limited' | 'lastRetry'>;

interface RunMoment {
  /** What the progress line shows. */
  readonly view: ProgressView;
  /** What the run is waiting for; undefined if for nothing. */
  readonly waiting: Waiting | undefined;
  /** Tasks that have ended. */
  readonly tasks: number;
}

export interface RunViewOptions {
  readonly out: string;
  readonly runId: string;
  /** Requests to the API that the embedded cloud has seen. */
  readonly traffic: () => Traffic;
  /** Most requests a minute that the configuration allows. */
  readonly limit: number;
  readonly startedAt: Date;
  /** Whether no earlier run has read a stream. @default every stream has been read */
  readonly unread?: (stream: string) => boolean;
}

/** How a local run goes on: what its files say, and the requests that were sent since it began. */
export class RunView {
  readonly #options: RunViewOptions;
  readonly #progress: RunProgress;
  readonly #meter = new RateMeter();
  readonly #percent = new PercentMeter();
  readonly #before: { readonly requests: number; readonly served: number };
  /** Requests of the run that an earlier process made before the run was interrupted. */
  readonly #earlier: Promise<number>;

  constructor(options: RunViewOptions) {
    this.#options = options;
    this.#progress = new RunProgress(options.out, options.runId, options.unread);
    const { requests, served } = options.traffic();
    this.#before = { requests, served };
    // If the files cannot be read, the next look at the run fails too, and says why.
    this.#earlier = this.#progress.update().then(
      (counts) => counts.requests,
      () => 0,
    );
  }

  async at(now: Date): Promise<RunMoment> {
    const { startedAt, limit } = this.#options;
    const earlier = await this.#earlier;
    const { rows, waiting, tasks, ...counts } = await this.#progress.update();
    const traffic = this.#options.traffic();
    // Requests are counted as they are answered; if the functions run in this process, only when a task ends.
    const requests = Math.max(counts.requests, earlier + traffic.served - this.#before.served);
    this.#meter.add(Math.max(requests, earlier + traffic.requests - this.#before.requests), now, traffic.limited);
    // While tables are written, it is not known yet what is read next.
    const estimated = counts.reading.length === 0 ? undefined : counts.expected;
    const expected = estimated === undefined ? undefined : Math.max(estimated, requests);
    const view = {
      ...counts,
      now,
      startedAt,
      requests,
      limit,
      expected,
      hasGrown: this.#percent.hasFallen(requests, expected),
      perMinute: this.#meter.perMinute,
      limited: traffic.limited,
      rows: [...rows.values()].reduce((sum, count) => sum + count, 0),
      tables: rows.size,
      obstacle: waiting ? waitingText(waiting, now) : traffic.lastRetry && retryText(traffic.lastRetry, now),
    };
    return { view, waiting, tasks };
  }
}
