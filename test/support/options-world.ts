import type { SimulatorOptions } from '../../local/simulator/options.ts';
import type { Body } from '../../local/simulator/paging.ts';
import { Problem } from '../../local/simulator/problem.ts';
import { FixedClock } from './fixed-clock.ts';
import { SimulatedWorkspace } from './workspace-api.ts';

export const minute = 60_000;

/** A simulated workspace with these options, and its API as a reader sees it. */
export function optionsWorld(options: SimulatorOptions = {}, leads = 40) {
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const api = new SimulatedWorkspace(leads, clock, { pageSize: 10, maxPageSize: 10, ...options });
  const ask = (path: string, query: Record<string, string> = {}) => api.ask(path, new URLSearchParams(query));
  /** Every page of a list. `between` runs between two pages. */
  const pages = async (
    path: string,
    query: Record<string, string> = {},
    between: (page: number) => void = () => {},
  ) => {
    const found: (readonly Record<string, unknown>[])[] = [];
    let cursor: string | null = null;
    for (;;) {
      const body: Body = await ask(path, { ...query, ...(cursor === null ? {} : { cursor }) });
      found.push(Array.isArray(body.data) ? body.data : []);
      cursor = body.pagination?.next_cursor ?? null;
      if (cursor === null) return found;
      between(found.length);
    }
  };
  const ids = async (path: string, query: Record<string, string> = {}, between?: (page: number) => void) =>
    (await pages(path, query, between)).flat().map(({ id }) => String(id));
  return { api, workspace: api.workspace, clock, ask, pages, ids };
}

/** Status with which a request is answered. */
export const statusOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 200,
    (error: unknown) => (error instanceof Problem ? error.status : 'no problem'),
  );
