import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fixedResources } from './fixed-usage.ts';
import { durations, measurement } from './measurement.ts';

/** The measured run that is committed: `npm run cost:record` makes it anew. */
export const referencePath = new URL('./reference-run.json', import.meta.url);

const count = z.number().nonnegative();

export const referenceRun = z.strictObject({
  recordedOn: z.iso.date(),
  /** The workload that is costed. */
  reference: measurement,
  /** Seconds of an invocation, by phase and function. */
  durations,
  /** A small one, which the check measures anew. */
  small: measurement,
  /** What the template held then, and what the functions were given: the check compares with these. */
  fixed: fixedResources,
  settings: z.strictObject({
    memory: z.record(z.string(), count),
    requestsPerMinute: count,
    concurrency: count,
    publishCheckSeconds: count,
    hasOwnKey: z.boolean(),
  }),
});
export type ReferenceRun = z.infer<typeof referenceRun>;

export function readReference(): ReferenceRun {
  return referenceRun.parse(JSON.parse(readFileSync(referencePath, 'utf8')));
}
