import { NotFoundError } from '../../lambdas/core/errors.ts';
import { byteText } from '../../lambdas/core/rows/charsets.ts';
import type { Api, ApiAnswer, Clock } from '../../lambdas/core/ports.ts';
import { type Assembled, assemble } from '../../local/simulator/assemble.ts';
import type { Row } from '../../local/simulator/data/table.ts';
import type { SimulatorOptions } from '../../local/simulator/options.ts';
import type { Body } from '../../local/simulator/paging.ts';
import { Problem } from '../../local/simulator/problem.ts';
import type { Workspace } from '../../local/simulator/workspace.ts';

/** The simulator without its server, so that a thousand runs take seconds. */
export class SimulatedWorkspace {
  readonly workspace: Workspace;
  readonly simulated: Assembled;
  readonly #clock: Clock;
  #requests = 0;

  constructor(leads: number, clock: Clock, options: Omit<SimulatorOptions, 'port' | 'now' | 'epochs'> = {}) {
    this.#clock = clock;
    this.simulated = assemble({ ...options, leads, epochs: [clock.now()], now: () => clock.now() });
    this.workspace = this.simulated.workspace;
  }

  /** Rows that a full read would return now, taken from the oracle instead of the API. */
  rows(table: string): Row[] {
    return [...this.simulated.oracle.rows(table)];
  }

  /**
   * The API's answer, without its `request_id`.
   * @param path below the base URL, with its parameters filled in
   * @throws Problem if the API refuses the request
   */
  ask(path: string, query: URLSearchParams): Promise<Body> {
    return this.simulated.api.read(path, query);
  }

  async get(path: string, parameters: Parameters<Api['get']>[1]): Promise<ApiAnswer> {
    this.#requests += 1;
    const requestId = `req_${this.#requests}`;
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(parameters.path?.[name] ?? ''),
    );
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters.query ?? {})) query.set(name, String(value));
    const askedAt = this.#clock.now();
    try {
      const body = await this.ask(filled, query);
      return {
        body: byteText(Buffer.from(JSON.stringify({ ...body, request_id: requestId }))),
        requestId,
        askedAt,
        receivedAt: this.#clock.now(),
      };
    } catch (error) {
      if (error instanceof Problem && error.status === 404) throw new NotFoundError(error.message);
      throw error;
    }
  }
}
