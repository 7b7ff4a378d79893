import { NotFoundError } from '../../lambdas/core/errors.ts';
import type { Api, ApiAnswer, Clock } from '../../lambdas/core/ports.ts';
import type { Row } from '../../local/simulator/data/table.ts';
import { ExportJobs } from '../../local/simulator/exports.ts';
import { readOperations } from '../../local/simulator/operations.ts';
import { defaultSettings, type SimulatorSettings } from '../../local/simulator/options.ts';
import { Oracle } from '../../local/simulator/oracle.ts';
import type { Body } from '../../local/simulator/paging.ts';
import { notFound, Problem } from '../../local/simulator/problem.ts';
import { Router } from '../../local/simulator/router.ts';
import { readRoutes } from '../../local/simulator/routes/reads.ts';
import { Webhooks } from '../../local/simulator/webhooks.ts';
import { Workspace } from '../../local/simulator/workspace.ts';

const operations = readOperations();
const router = new Router(operations);
const routes = readRoutes(operations);
const allScopes = defaultSettings([...new Set(operations.map(({ scope }) => scope))]);

/** The simulator's workspace without its server, so that a thousand runs on it take seconds. */
export class SimulatedWorkspace {
  readonly workspace: Workspace;
  readonly #oracle: Oracle;
  readonly #clock: Clock;
  readonly #settings: SimulatorSettings;
  #requests = 0;

  constructor(leads: number, clock: Clock, changes: Partial<SimulatorSettings> = {}) {
    this.#clock = clock;
    this.#settings = { ...allScopes, ...changes };
    this.workspace = new Workspace({
      seed: 1,
      leads,
      epochs: [clock.now()],
      now: () => clock.now(),
      key: () => this.#settings,
    });
    this.#oracle = new Oracle(this.workspace);
  }

  /** Rows that a full read would give now, told without the API. */
  rows(table: string): Row[] {
    return [...this.#oracle.rows(table)];
  }

  /**
   * The answer of the API, without its `request_id`.
   * @param path below the base URL, its parameters filled in
   * @throws Problem
   */
  async ask(path: string, query: URLSearchParams): Promise<Body> {
    const match = router.match('GET', path);
    if (!match || !('operation' in match)) throw notFound('path');
    const settings = this.#settings;
    const route = routes[match.operation.id];
    if (!route) throw notFound('operation');
    return route({
      workspace: this.workspace,
      exports: new ExportJobs(this.workspace, () => settings),
      webhooks: new Webhooks(this.workspace, () => settings),
      settings,
      operation: match.operation,
      path,
      parameters: match.parameters,
      query,
      body: undefined,
    });
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
        text: JSON.stringify({ ...body, request_id: requestId }),
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
