const longestSeconds = 900;

/** Seconds before a failed message is received again. Doubles with each receive, up to 15 minutes. */
export function redeliveryDelaySeconds(receives: number, baseSeconds: number): number {
  return Math.min(longestSeconds, baseSeconds * 2 ** Math.min(receives - 1, 20));
}
