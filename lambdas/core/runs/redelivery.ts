const longestSeconds = 900;

/** Wait before a failed message is taken again: doubles with each receive, up to a quarter of an hour. */
export function redeliveryDelaySeconds(receives: number, baseSeconds: number): number {
  return Math.min(longestSeconds, baseSeconds * 2 ** Math.min(receives - 1, 20));
}
