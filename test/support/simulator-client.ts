import { streams } from '../../lambdas/streams/registry.ts';
import { startSimulator, type Simulator } from '../../local/simulator/simulator.ts';
import type { SimulatorOptions } from '../../local/simulator/options.ts';

/** A row as the API returns it. */
export type Fields = Record<string, unknown>;

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    data?: Fields & Fields[];
    pagination?: { next_cursor: string | null; has_more: boolean };
    request_id?: string;
    error?: Fields;
  };
}

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export class SimulatorClient {
  readonly #simulator: Simulator;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  async ask(path: string, { method = 'GET', body, headers = {} }: Asked = {}): Promise<Answered> {
    const answer = await fetch(this.#simulator.baseUrl + path, {
      method,
      headers: { authorization: `Bearer ${this.#simulator.apiKey}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answered['body'] };
  }

  /** Every page of a list. */
  async *pages(path: string): AsyncGenerator<Fields[]> {
    let cursor: string | null = null;
    for (let page = 0; page < 20_000; page += 1) {
      const { status, body }: Answered = await this.ask(withCursor(path, cursor));
      if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
      yield body.data ?? [];
      cursor = body.pagination?.next_cursor ?? null;
      if (!body.pagination?.has_more) return;
    }
    throw new Error(`${path} does not end.`);
  }

  async rows(path: string): Promise<Fields[]> {
    const rows: Fields[] = [];
    for await (const page of this.pages(path)) rows.push(...page);
    return rows;
  }

  /** Reads all tables as the pipeline does: parents first, then each parent's child lists. */
  async crawl(): Promise<Map<string, Fields[]>> {
    const tables = new Map<string, Fields[]>();
    for (const { name, path, shape, parent, detail } of streams) {
      const rows: Fields[] = [];
      if (shape === 'single') rows.push((await this.ask(path)).body.data ?? {});
      else if (!parent) rows.push(...(await this.rows(path)));
      for (const above of parent ? (tables.get(parent.stream) ?? []) : []) {
        const id = String(above['id']);
        for (const row of await this.rows(path.replace(/\{\w+\}/, id))) rows.push({ [parent?.key ?? '']: id, ...row });
      }
      for (const row of detail ? rows : []) {
        const more = (await this.ask(detail?.path.replace(/\{\w+\}/, String(row['id'])) ?? '')).body.data;
        for (const field of detail?.fields ?? []) row[field] = more?.[field];
      }
      tables.set(name, rows);
    }
    return tables;
  }
}

function withCursor(path: string, cursor: string | null): string {
  return cursor === null ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
}

/** Runs a test against its own simulator, and stops the simulator afterwards. */
export async function withSimulator(
  options: SimulatorOptions,
  test: (simulator: Simulator, client: SimulatorClient) => Promise<void>,
): Promise<void> {
  const simulator = await startSimulator(options);
  try {
    await test(simulator, new SimulatorClient(simulator));
  } finally {
    await simulator.stop();
  }
}
