import { setTimeout as wait } from 'node:timers/promises';
import type { Call } from '../../local/cloud/call-hook-runner.ts';
import type { Cloud } from '../../local/cloud/cloud.ts';

const pollMilliseconds = 5;
/** Polls in five minutes. After that, a call no longer waits for the calls that should come first. */
const maxPolls = 60_000;
const workQueues = ['extract-queue', 'convert-queue'];

/**
 * Makes concurrent functions meet in the same order in every run, however busy the machine is. Publish checks
 * a run twice: before its first task is read, and when the work queues are empty. So every run makes the same
 * calls, and a call that was counted in one run occurs in the next.
 */
export class CallOrder {
  /** Ids of the runs that publish has checked. */
  readonly #lookedAt = new Set<string>();
  readonly #cloud: () => Cloud;

  constructor(cloud: () => Cloud) {
    this.#cloud = cloud;
  }

  /** Waits until all calls that come before this one in every run have been made. */
  async turnOf({ functionName, operation, resource }: Call): Promise<void> {
    const runId = /\bruns\/((?:nightly|refresh)-[^/]+)\//.exec(resource)?.[1] ?? '';
    if (functionName === 'extract' && runId !== '') await until(() => this.#lookedAt.has(runId));
    if (functionName !== 'publish' || operation !== 'GetObject') return;
    if (resource.endsWith('/aborted.json')) this.#lookedAt.add(runId);
    if (!resource.endsWith('/plan.json') || (runId !== '' && !this.#lookedAt.has(runId))) return;
    await until(() =>
      this.#cloud()
        .queues()
        .every(({ name, ready, inFlight, delayed }) => !workQueues.includes(name) || ready + inFlight + delayed === 0),
    );
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let poll = 0; poll < maxPolls && !holds(); poll += 1) await wait(pollMilliseconds);
}
