import type { Fetch } from '../../lambdas/adapters/exchange.ts';
import { createHttpApi } from '../../lambdas/adapters/http-api.ts';
import type { RunReport } from '../../lambdas/contract/run.ts';
import { createRateLimiter } from '../../lambdas/core/api/rate-limiter.ts';
import { slices } from '../../lambdas/core/runs/windows.ts';
import { FixedClock } from './fixed-clock.ts';
import { baseUrl, HostileApi } from './hostile-api.ts';
import { runFaults, tableFaults } from './hostile-checks.ts';
import { compare, currentState, expectNow, type Expected } from './hostile-oracle.ts';
import type { HostilePlan } from './hostile-plan.ts';
import { startHostileWire } from './hostile-wire.ts';
import { OddRows } from './odd-rows.ts';
import { randomOf } from './crash-trial.ts';
import { VirtualPipeline } from './virtual-pipeline.ts';
import { SimulatedWorkspace } from './workspace-api.ts';

const hour = 3_600_000;
const deadlineHours = 12;
/**
 * A night of these workspaces takes tens to hundreds. One of nothing but 429 takes the most: some ten a minute
 * until the run's deadline.
 */
const maxRequests = 10_000;

/** What came of a trial. */
export interface Outcome {
  readonly faults: string[];
  readonly requests: number;
  readonly struck: number;
  /** How the hostile nights ended. */
  readonly statuses: readonly string[];
}

/**
 * Two nights against an API that misbehaves as planned, and a calm one after them.
 * @param over `memory`: without sockets, where hanging costs no time
 */
export async function tryHostileNights(plan: HostilePlan, over: 'memory' | 'sockets' = 'memory'): Promise<Outcome> {
  const trial = new HostileTrial(plan);
  if (over === 'memory') return trial.run();
  const wire = await startHostileWire(trial.api);
  trial.fetch = wire.fetch;
  try {
    return await trial.run();
  } finally {
    await wire.stop();
  }
}

class HostileTrial {
  readonly #plan: HostilePlan;
  readonly #clock = new FixedClock('2026-11-24T02:00:00.000Z');
  readonly #workspace: SimulatedWorkspace;
  readonly #odd: OddRows;
  readonly api: HostileApi;
  fetch: Fetch;
  readonly #pipeline: VirtualPipeline;
  readonly #reports: RunReport[] = [];
  readonly #denied = new Set<string>();
  /** Every text that a row could have had so far, by table. */
  readonly #ever = new Map<string, Set<string>>();
  /** Rows of the workspace that were changed, as `<stream>/<id>`. */
  readonly #written = new Set<string>();
  readonly #faults: string[] = [];
  #struck = 0;
  #requests = 0;

  constructor(plan: HostilePlan) {
    this.#plan = plan;
    const { pageSize, afterInclusive, beforeInclusive, overlap, seed } = plan;
    this.#workspace = new SimulatedWorkspace(plan.leads, this.#clock, { pageSize, afterInclusive, beforeInclusive });
    this.#odd = new OddRows(plan.oddities);
    this.api = new HostileApi({ workspace: this.#workspace, clock: this.#clock, odd: this.#odd, overlap, seed });
    this.fetch = this.api.fetch;
    const random = randomOf(seed);
    const limiter = createRateLimiter(6_000);
    this.#pipeline = new VirtualPipeline({
      clock: this.#clock,
      streams: plan.streams,
      pageSize,
      sliceDays: plan.sliceDays,
      timeoutSeconds: plan.timeoutSeconds,
      deadlineHours,
      api: () =>
        createHttpApi({
          baseUrl,
          apiKey: async () => 'test-key',
          limiter,
          clock: this.#clock,
          log: this.#pipeline.log,
          metrics: { count() {} },
          random: () => random() / 2 ** 32,
          sleep: async (milliseconds) => this.#clock.advance(milliseconds),
          fetch: this.fetch,
          requestTimeoutMilliseconds: 250,
        }),
    });
  }

  async run(): Promise<Outcome> {
    this.#edges();
    await this.#night(1);
    await this.#night(2);
    const statuses = this.#reports.map(({ status }) => status);
    await this.#night(undefined);
    await this.#pipeline.settle();
    await this.#atLast();
    return { faults: this.#faults, requests: this.#requests, struck: this.#struck, statuses };
  }

  /** Leads that changed at the very bounds of the windows. */
  #edges(): void {
    const { workspace } = this.#workspace;
    const now = this.#clock.now();
    const tenant = workspace.single('identity')['tenant'];
    const born =
      tenant !== null && typeof tenant === 'object' && 'created_at' in tenant ? String(tenant.created_at) : '';
    const bounds = slices(undefined, now, this.#plan.sliceDays, new Date(born)).map(({ before }) =>
      Date.parse(before ?? ''),
    );
    for (const bound of bounds.slice(-3))
      for (const offset of [-1, 0, 1])
        workspace.create('leads', { updated_at: new Date(bound + offset).toISOString() });
  }

  async #night(night: 1 | 2 | undefined): Promise<void> {
    if (this.#reports.length > 0) {
      this.#clock.advance(24 * hour);
      this.#advance();
    }
    const touched = new Set<string>();
    const readUpTo = this.#clock.now().getTime();
    const began = this.#look(touched, readUpTo);
    this.api.plant(this.#plan.faults.filter((fault) => fault.night === night));
    const touches = this.#plan.touches.filter((touch) => touch.night === night);
    this.api.onRequest = (number) => {
      for (const touch of touches.filter(({ request }) => request === number)) {
        this.#touch(touch, touched);
        this.#look(touched, readUpTo);
      }
    };
    const report = await this.#pipeline.night();
    this.#reports.push(report);
    this.#requests += this.api.requests;
    this.#struck += this.api.struck.length;
    for (const { planned, parent } of this.api.struck)
      if (planned.kind === '404') this.#denied.add(`${planned.target}/${parent ?? ''}`);
    const ended = this.#look(touched, readUpTo);
    const { store, streams } = this.#pipeline;
    const found = runFaults(report, streams, store, this.api.struck);
    if (this.api.requests > maxRequests) found.push(`${this.api.requests} requests were made`);
    for (const stream of streams) {
      const [from, to, ever] = [began.get(stream.name), ended.get(stream.name), this.#ever.get(stream.name)];
      if (!from || !to || !ever) continue;
      // What is uncertain at the end was so at the beginning.
      const doubted = { ...from, uncertain: from.uncertain.union(to.uncertain) };
      found.push(...(await tableFaults(stream, this.#reports, store, { began: doubted, ended: to, ever })));
    }
    this.#faults.push(...found.map((fault) => `night ${this.#reports.length}: ${fault}`));
  }

  /** The simulator computes new children also of rows that a write holds fast: these move with them, as they would at the API. */
  #advance(): void {
    const { workspace } = this.#workspace;
    workspace.advance(this.#clock.now());
    const updated_at = new Date(this.#clock.now().getTime() - 1).toISOString();
    for (const written of this.#written) {
      const [table = '', id = ''] = written.split('/');
      if (workspace.find(table, id)) workspace.update(table, id, { updated_at });
    }
  }

  #look(touched: ReadonlySet<string>, readUpTo: number): Map<string, Expected> {
    const doubt = { touched, denied: this.#denied, readUpTo };
    const expected = expectNow(this.#workspace, this.#pipeline.streams, this.#odd, doubt);
    for (const [name, { rows }] of expected) {
      const ever = this.#ever.get(name) ?? new Set();
      for (const text of rows.values()) ever.add(text);
      this.#ever.set(name, ever);
    }
    return expected;
  }

  #touch({ what, table, row }: HostilePlan['touches'][number], touched: Set<string>): void {
    const { workspace } = this.#workspace;
    if (what === 'create') {
      touched.add(`${table}/${String(workspace.create(table, {})['id'])}`);
      return;
    }
    const ids = this.#workspace.rows(table).map(({ id }) => String(id));
    const id = ids[row % ids.length];
    if (id === undefined) return;
    touched.add(`${table}/${id}`);
    if (what === 'update') this.#written.add(`${table}/${id}`);
    if (what === 'remove') workspace.remove(table, id);
    else workspace.update(table, id, table === 'leads' ? { title: 'Changed' } : { status: 'changed' });
  }

  /** When every late message has been worked on. */
  async #atLast(): Promise<void> {
    for (const key of this.#pipeline.store.keys(''))
      if (!isOwnKey(key)) this.#faults.push(`at last: an object is at ${key}`);
    const now = this.#look(new Set(), Infinity);
    for (const stream of this.#pipeline.streams) {
      const [to, ever] = [now.get(stream.name), this.#ever.get(stream.name)];
      if (!to || !ever) continue;
      const current = await currentState(this.#pipeline.store, stream, this.#reports);
      this.#faults.push(
        ...compare(stream, current, { began: to, ended: to, ever }).map((fault) => `at last: ${fault}`),
      );
    }
  }
}

/** Below one of the pipeline's prefixes, and of nothing that the API says. */
function isOwnKey(key: string): boolean {
  return /^(raw|lake|runs|state)\/[A-Za-z0-9_.=/-]{1,1000}$/.test(key) && !key.split('/').includes('..');
}
