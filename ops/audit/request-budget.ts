import type { Api } from '../../lambdas/core/ports.ts';

/** An audit has used up the requests that it may make. */
export class BudgetSpentError extends Error {
  constructor(most: number) {
    super(
      `The ${most.toLocaleString('en-US')} requests of this audit are used up: name fewer tables, bound it in time, or raise --requests.`,
    );
    this.name = 'BudgetSpentError';
  }
}

/** Limits an API client: after `most` requests, its `get` throws a BudgetSpentError. */
export function withBudget(api: Api, most: number): Api {
  let asked = 0;
  return {
    counts: api.counts,
    async get(path, parameters, context) {
      // `asked` also counts the requests under way.
      if (Math.max(asked, api.counts.requests) >= most) throw new BudgetSpentError(most);
      asked += 1;
      return api.get(path, parameters, context);
    },
  };
}
