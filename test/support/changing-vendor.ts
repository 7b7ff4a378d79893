import { NotFoundError } from '../../lambdas/core/errors.ts';
import { FakeApi, type FakeRequest, page } from './fake-api.ts';
import { FixedClock } from './fixed-clock.ts';
import { MemoryPipeline, type MemoryPipelineOptions } from './memory-pipeline.ts';

export interface Row {
  readonly id: string;
  [field: string]: unknown;
}

const day = 86_400_000;
const old = '2026-09-01T00:00:00.000Z';
export const lead = (id: string, more: object = {}): Row => ({ id, updated_at: old, created_at: old, ...more });

/** A vendor whose leads and messages a test can change. */
export class ChangingVendor {
  readonly clock = new FixedClock('2026-11-01T02:00:00.000Z');
  leads: Row[] = [];
  readonly messages = new Map<string, Row[]>();
  /** Leads that the list leaves out, although the API gives them by id, and their messages. */
  readonly unlisted = new Set<string>();
  /** Leads that were merged into others. A request for one by its id is answered with the other. */
  readonly mergedInto = new Map<string, string>();
  referrals: Row[] = [];
  threads: Row[] = [];
  /** Rows of each page of leads, messages and referrals. The cursor is the number of rows before the page. */
  pageSize = Number.POSITIVE_INFINITY;
  /** Called before each request. If it throws, the request fails with that error. */
  interfere: (request: FakeRequest) => void = () => {};
  requests: string[] = [];
  readonly pipeline: MemoryPipeline;

  constructor(streams: readonly string[], options: Partial<MemoryPipelineOptions> = {}) {
    this.pipeline = new MemoryPipeline({ clock: this.clock, streams, api: () => this.#api(), ...options });
  }

  /** Runs a night, and the later runs that ask again for missing rows; then moves the clock on by a day. */
  async night(request: object = {}) {
    this.requests = [];
    const report = await this.pipeline.run(request);
    if (!report) throw new Error('Nothing was planned.');
    await this.pipeline.settle();
    this.clock.advance(day);
    return report;
  }

  /** Changes a lead as the vendor would: with a new `updated_at`. */
  change(id: string, more: object = {}): void {
    const updated = lead(id, { updated_at: this.clock.now().toISOString(), ...more });
    this.leads = this.leads.map((row) => (row.id === id ? updated : row));
  }

  async event(id: string) {
    const now = this.clock.now().toISOString();
    const body = JSON.stringify({ lead: { id } });
    const delivery = { deliveryId: `d${now}`, event: 'lead.updated' as const, signedAt: now, receivedAt: now, body };
    const report = await this.pipeline.refresh([delivery]);
    this.clock.advance(60_000);
    return report;
  }

  /** Gives the workspace this many leads, `l0` and on, each with one message: `m_l0` and on. */
  withMessages(leads: number): this {
    this.leads = manyLeads(leads);
    for (const { id } of this.leads) this.messages.set(id, [lead(`m_${id}`)]);
    return this;
  }

  async ids(table: string): Promise<string[]> {
    return (await this.pipeline.rows(table)).map(({ lead_id, id }) =>
      [lead_id, id]
        .filter((part) => part !== undefined)
        .map(String)
        .join('/'),
    );
  }

  #api(): FakeApi {
    const answer = (of: (request: FakeRequest) => unknown) => (request: FakeRequest) => {
      const { path, pathParameters, query } = request;
      this.requests.push([path, ...Object.values(pathParameters), ...Object.values(query)].join(' '));
      this.interfere(request);
      return of(request);
    };
    const since = (rows: readonly Row[], after: unknown) =>
      after === undefined
        ? rows
        : rows.filter((row) => Date.parse(String(row['updated_at'])) > Date.parse(String(after)));
    return new FakeApi(
      {
        '/me': (request) => {
          this.interfere(request);
          return { data: { id: 'me' } };
        },
        '/leads': answer(({ query }) => {
          const listed = this.leads.filter(({ id }) => !this.unlisted.has(id));
          return this.#paged(since(listed, query['updated_after']), query['cursor']);
        }),
        '/leads/{lead_id}': answer(({ pathParameters }) => {
          const asked = pathParameters['lead_id'] ?? '';
          const found = this.leads.find(({ id }) => id === (this.mergedInto.get(asked) ?? asked));
          if (!found) throw new NotFoundError('There is no such lead.');
          return { data: found };
        }),
        '/leads/{lead_id}/messages': answer(({ pathParameters, query }) => {
          const id = pathParameters['lead_id'] ?? '';
          if (!this.leads.some((row) => row.id === id)) throw new NotFoundError('There is no such lead.');
          return this.#paged(this.messages.get(id) ?? [], query['cursor']);
        }),
        '/leads/{lead_id}/activities': answer(() => page([])),
        '/referrals': answer(({ query }) => this.#paged(this.referrals, query['cursor'])),
        '/inbox/threads': answer(() => page(this.threads)),
      },
      this.clock,
    );
  }

  #paged(rows: readonly Row[], cursor: unknown) {
    const from = Number(cursor ?? 0);
    const to = from + this.pageSize;
    return page(rows.slice(from, to), to < rows.length ? String(to) : null);
  }
}

export const manyLeads = (count: number) => Array.from({ length: count }, (_, index) => lead(`l${index}`));
