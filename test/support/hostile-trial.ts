import type { SendRequest } from '../../lambdas/adapters/send-request.ts';
import { createHttpApi } from '../../lambdas/adapters/http-api.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { createRateLimiter } from '../../lambdas/core/api/rate-limiter.ts';
import { CurrentTruth } from '../../local/simulator/truth/current-truth.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { FixedClock } from './fixed-clock.ts';
import { baseUrl, HostileApi } from './hostile-api.ts';
import { runFaults } from './hostile-checks.ts';
import { applyEvent } from './hostile-events.ts';
import type { HostilePlan, PlannedNight } from './hostile-plan.ts';
import { startHostileWire } from './hostile-wire.ts';
import { randomOf } from './crash-matrix.ts';
import { MemoryPipeline, type MemoryPipelineOptions } from './memory-pipeline.ts';
import { OddRows } from './odd-rows.ts';
import { MemoryDriver } from './pipeline-driver.ts';
import { SimulatedWorkspace } from './workspace-api.ts';

const hour = 3_600_000;
const deadlineHours = 12;
const confirmAfterSeconds = 900;
/**
 * Most requests in a night, not counting empty pages: some APIs put them before each page, and a fault may repeat the
 * empty page of an emptied list, which is followed for half an hour. A night of these workspaces takes tens to
 * hundreds. A night of nothing but 429 takes the most: some ten a minute until the run's deadline.
 */
const maxRequests = 10_000;
/** The guard, which stops mass deletions, checks deletions of more rows than this. */
const maxUnguardedDeletions = 20;
const calm = { strayIds: 0, strayChildren: 0, strayPages: 0, empty: [], half: [], erring: [], lagMinutes: 0 };

/** Result of a trial. */
export interface Outcome {
  readonly faults: string[];
  readonly nights: number;
  readonly requests: number;
  readonly affected: number;
  /** Run statuses of the hostile nights. */
  readonly statuses: readonly string[];
}

export interface TrialOptions {
  /** `memory` uses no sockets, so that a hanging request costs no time. @default 'memory' */
  readonly over?: 'memory' | 'sockets';
  /** Settings of the pipeline that the oracle does not know of. @default none */
  readonly settings?: MemoryPipelineOptions['settings'];
}

/**
 * Runs nights against an API that misbehaves as planned, then calm nights until everything must have been reread.
 * After each night, compares the current tables with the oracle.
 */
export async function tryHostileNights(
  plan: HostilePlan,
  { over = 'memory', settings = {} }: TrialOptions = {},
): Promise<Outcome> {
  const trial = new HostileTrial(plan, settings);
  if (over === 'memory') return trial.run();
  const wire = await startHostileWire(trial.api);
  trial.send = wire.send;
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
  readonly api: HostileApi;
  send: SendRequest;
  readonly #pipeline: MemoryPipeline;
  readonly #driver: MemoryDriver;
  readonly #odd: OddRows;
  /** Streams of which a page was given twice, under another cursor. */
  readonly #givenTwice = new Set<string>();
  readonly #truth: CurrentTruth;
  readonly #faults: string[] = [];
  readonly #statuses: string[] = [];
  #nights = 0;
  #affected = 0;
  #requests = 0;

  constructor(plan: HostilePlan, settings: TrialOptions['settings']) {
    this.#plan = plan;
    const { api, rereadDays, childRereadDays, settledDays, overlap, seed } = plan;
    this.#workspace = new SimulatedWorkspace(plan.leads, this.#clock, { ...api, seed });
    this.#odd = new OddRows(plan.oddities, api.charset ?? 'utf-8');
    this.api = new HostileApi({ workspace: this.#workspace, clock: this.#clock, odd: this.#odd, overlap, seed });
    this.send = this.api.send;
    const random = randomOf(seed);
    const limiter = createRateLimiter(6_000);
    const rules = { lookbackHours: 24, rereadDays, childRereadDays, settledDays, confirmAfterSeconds };
    this.#pipeline = new MemoryPipeline({
      clock: this.#clock,
      streams: plan.streams,
      pageSize: api.pageSize ?? 100,
      inFlight: plan.inFlight,
      timeoutSeconds: plan.timeoutSeconds,
      deadlineHours,
      settings: { ...rules, ...settings },
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
          send: async (request, timeoutMilliseconds) => this.send(request, timeoutMilliseconds),
          requestTimeoutMilliseconds: 250,
        }),
    });
    this.#driver = new MemoryDriver(this.#pipeline, this.#clock);
    const tables = this.#pipeline.streams.map(({ name }) => name);
    this.#truth = new CurrentTruth(this.#workspace.simulated, { ...rules, tables }, this.#odd.presentRow);
  }

  async run(): Promise<Outcome> {
    for (const night of this.#plan.nights) await this.#night(night);
    const { rereadDays, childRereadDays } = this.#plan;
    for (let night = 0; night <= Math.max(rereadDays, childRereadDays) + 1; night += 1) await this.#night(undefined);
    await this.#finalChecks();
    return {
      faults: this.#faults,
      nights: this.#nights,
      requests: this.#requests,
      affected: this.#affected,
      statuses: this.#statuses,
    };
  }

  async #night(planned: PlannedNight | undefined): Promise<void> {
    const { workspace, simulated } = this.#workspace;
    if (this.#nights > 0) this.#dayBefore(planned);
    this.#nights += 1;
    simulated.configure({ ...calm, ...planned?.manners });
    this.api.plant(planned?.faults ?? []);
    this.api.onRequest = (number) => {
      for (const { request, event } of planned?.during ?? [])
        if (request === number && event.kind !== 'a day') applyEvent(workspace, event);
    };
    const before = simulated.falseAnswers.recorded.length;
    const { night, report } = await this.#driver.night();
    const isDisturbed = this.api.affected.length > 0;
    this.#truth.nightEnded({ ...night, isConfirmed: night.isConfirmed && !isDisturbed });
    this.#requests += this.api.requests;
    this.#affected += this.api.affected.length;
    if (planned) this.#statuses.push(report?.status ?? 'not planned');
    const untrueTables = new Set(simulated.falseAnswers.recorded.slice(before).map(({ table }) => table));
    const { affected } = this.api;
    const found: string[] = [];
    if (report) {
      const shrunk = await this.#shrunk(report);
      const outcome = { plan: this.#plan, night: planned, affected, untrueTables, shrunk };
      found.push(...runFaults(report, this.#pipeline.streams, outcome));
    } else if (!affected.some(({ planned }) => planned.target === 'identity')) {
      found.push('no run was planned');
    }
    const { requests, emptyPages } = this.api;
    if (requests - emptyPages > maxRequests)
      found.push(`${requests} requests were made, ${emptyPages} for empty pages`);
    for (const { planned: fault } of affected) if (fault.kind === 'repeated cursor') this.#givenTwice.add(fault.target);
    found.push(...(await this.#violations()));
    for (const index of planned?.named ?? []) found.push(...(await this.#event(index)));
    this.#faults.push(...found.map((fault) => `night ${this.#nights}: ${fault}`));
  }

  /** Tables that lost so many rows that the guard, which stops mass deletions, may rightly have deleted none. */
  async #shrunk({ tables }: RunReport): Promise<Set<string>> {
    const held = Object.keys(tables).filter((name) => tables[name]?.error?.code === 'deletions_held');
    const shrunk = new Set<string>();
    for (const name of held) {
      const { count, isEmpty } = this.#truth.rowsNotShown(name, await this.#driver.current(name));
      if (count > maxUnguardedDeletions || (isEmpty && !streamNamed(name).parent)) shrunk.add(name);
    }
    return shrunk;
  }

  /** Makes the day's changes at different times between two nights. */
  #dayBefore(planned: PlannedNight | undefined): void {
    const night = Date.UTC(2026, 10, 24 + this.#nights, 2);
    const from = this.#clock.now().getTime();
    const events = planned?.before ?? [];
    for (const [index, event] of events.entries()) {
      const at = from + ((night - from) * (index + 1)) / (events.length + 1);
      this.#clock.advance(Math.floor(at) - this.#clock.now().getTime());
      applyEvent(this.#workspace.workspace, event);
    }
    this.#clock.advance(night - this.#clock.now().getTime());
  }

  async #event(index: number): Promise<string[]> {
    const leads = this.#workspace.workspace.rows('leads');
    const row = leads[index % leads.length];
    const id = row && this.#odd.presentRow(streamNamed('leads'), row, undefined)?.id;
    if (!row || id === undefined || !this.#pipeline.streams.some(({ name }) => name === 'leads')) return [];
    this.#clock.advance(hour);
    this.api.plant([]);
    const refresh = await this.#driver.event(id);
    this.#truth.refreshEnded({ lead: String(row['id']), ...refresh });
    this.#requests += this.api.requests;
    return (await this.#violations()).map((fault) => `after an event: ${fault}`);
  }

  /**
   * Rows of import_errors have no ids. So a page that was given twice looks like a page of further equal errors, and the
   * table has them until the list is read again.
   */
  async #violations(): Promise<string[]> {
    const found = await this.#truth.violations((table) => this.#driver.current(table));
    if (!this.#givenTwice.has('import_errors')) return found;
    return found.filter((fault) => !/^import_errors .* error \d+ was never shown$/.test(fault));
  }

  /** Final checks, after everything that can be read has been reread. */
  async #finalChecks(): Promise<void> {
    const found = await this.#truth.differences((table) => this.#driver.current(table));
    for (const key of this.#pipeline.store.keys('')) if (!isOwnKey(key)) found.push(`an object is at ${key}`);
    this.#faults.push(...found.map((fault) => `at last: ${fault}`));
  }
}

/** Whether a key is below one of the prefixes of the pipeline: no value of the API may lead out of them. */
function isOwnKey(key: string): boolean {
  return /^(raw|lake|runs|state|current)\/[A-Za-z0-9_.=/-]{1,1000}$/.test(key) && !key.split('/').includes('..');
}
