import type { Api } from '../../lambdas/core/ports.ts';

/** What is left of the requests that an audit may make. */
export class BudgetSpentError extends Error {
  constructor(most: number) {
    super(
      `The ${most.toLocaleString('en-US')} requests of this audit are used up: name fewer tables, bound it in time, or raise --requests.`,
    );
    this.name = 'BudgetSpentError';
  }
}

/** @throws BudgetSpentError from `get`, in place of one request more than `most` */
export function withBudget(api: Api, most: number): Api {
  let asked = 0;
  return {
    counts: api.counts,
    async get(path, parameters, context) {
      // Requests that are under way count as well.
      if (Math.max(asked, api.counts.requests) >= most) throw new BudgetSpentError(most);
      asked += 1;
      return api.get(path, parameters, context);
    },
  };
}
