import { byteText } from '../../lambdas/core/rows/charsets.ts';
import type { Api } from '../../lambdas/core/ports.ts';
import { FixedClock } from './fixed-clock.ts';

const second = 1_000;

/** An API of leads with one message each. It takes a second for each answer. */
export class LargeWorkspace {
  readonly #scale: { readonly leads: number; readonly pageSize: number };
  readonly clock = new FixedClock('2026-11-01T02:00:00.000Z');
  /** How often each page and each list of children was asked for. */
  readonly asked = new Map<string, number>();

  constructor(scale: { readonly leads: number; readonly pageSize: number }) {
    this.#scale = scale;
  }

  api(): Api {
    return {
      counts: { requests: 0, retries: 0 },
      get: async (path, { path: values = {}, query = {} }) => {
        const askedAt = this.clock.now();
        this.clock.advance(second);
        const name = [path, ...Object.values(values), query['cursor'] ?? ''].join(' ');
        const isChanges = query['updated_after'] !== undefined;
        if (!isChanges && path !== '/me') this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
        const body = byteText(Buffer.from(JSON.stringify(this.#answer(path, values, query, isChanges))));
        return { body, requestId: null, askedAt, receivedAt: this.clock.now() };
      },
    };
  }

  #answer(path: string, values: object, query: object, isChanges: boolean): unknown {
    const row = (id: string) => ({ id, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' });
    if (path === '/me') return { data: { id: 'me' } };
    const end = { next_cursor: null, has_more: false };
    if (path !== '/leads') return { data: [row(`m_${Object.values(values).join('')}`)], pagination: end };
    if (isChanges) return { data: [], pagination: end };
    const from = 'cursor' in query ? Number(query.cursor) : 0;
    const to = Math.min(this.#scale.leads, from + this.#scale.pageSize);
    const data = Array.from({ length: to - from }, (_, index) => row(`l${from + index}`));
    return { data, pagination: to < this.#scale.leads ? { next_cursor: String(to), has_more: true } : end };
  }
}
