import { setTimeout as wait } from 'node:timers/promises';
import type { Call } from '../../local/cloud/call-hook-runner.ts';
import type { Cloud } from '../../local/cloud/cloud.ts';

const pollMilliseconds = 5;
/** Polls in five minutes. After that, a call no longer waits for the calls that should come first. */
const maxPolls = 60_000;
const workQueues = ['extract-queue', 'convert-queue'];

/**
 * Makes concurrent functions meet in the same order in every run, however busy the machine is. Publish checks a run
 * before its first task is read, and then again when the work queues are empty. So every run makes the same calls, and a
 * call that was counted in one run occurs in the next.
 */
export class CallOrder {
  /** Ids of the runs whose plan publish has read, in its first check. */
  readonly #checked = new Set<string>();
  /** Ids of the runs whose tasks wait for this. */
  readonly #waiting = new Set<string>();
  readonly #cloud: () => Cloud;

  constructor(cloud: () => Cloud) {
    this.#cloud = cloud;
  }

  /** Waits until all calls that come before this one in every run have been made. */
  async turnOf({ functionName, operation, resource }: Call): Promise<void> {
    const runId = /\bruns\/((?:nightly|refresh)-[^/]+)\//.exec(resource)?.[1] ?? '';
    if (functionName === 'extract' && runId !== '') await this.#untilChecked(runId);
    if (functionName !== 'publish') return;
    if (operation === 'GetObject' && resource.endsWith('/plan.json')) this.#checked.add(runId);
    // A check begins with a list of the run's objects. It does not say of which run.
    if (operation === 'ListObjectsV2') await until(() => this.#waiting.size > 0 || this.#isWorkDone());
  }

  async #untilChecked(runId: string): Promise<void> {
    if (this.#checked.has(runId)) return;
    this.#waiting.add(runId);
    await until(() => this.#checked.has(runId));
    this.#waiting.delete(runId);
  }

  #isWorkDone(): boolean {
    return this.#cloud()
      .queues()
      .every(({ name, ready, inFlight, delayed }) => !workQueues.includes(name) || ready + inFlight + delayed === 0);
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let poll = 0; poll < maxPolls && !holds(); poll += 1) await wait(pollMilliseconds);
}
