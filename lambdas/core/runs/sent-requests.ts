import type { RateLimits, SentRequests } from '../../contract/run.ts';

/** The counts together. Rate limits are absent if there were none. */
export function sumOf(counts: readonly SentRequests[]): SentRequests {
  return combined(counts, (numbers) => numbers.reduce((sum, one) => sum + one, 0));
}

/** The larger of counts of the same task: the later one includes the earlier one. */
export function mostOf(counts: readonly SentRequests[]): SentRequests {
  return combined(counts, (numbers) => Math.max(0, ...numbers));
}

function combined(all: readonly SentRequests[], of: (numbers: readonly number[]) => number): SentRequests {
  const limited = all.flatMap((one): RateLimits[] => (one.limited ? [one.limited] : []));
  return {
    requests: of(all.map(({ requests }) => requests)),
    retries: of(all.map(({ retries }) => retries)),
    ...(limited.length === 0
      ? {}
      : {
          limited: {
            answers: of(limited.map(({ answers }) => answers)),
            milliseconds: of(limited.map(({ milliseconds }) => milliseconds)),
          },
        }),
  };
}
