import { readFileSync } from 'node:fs';
import { z } from 'zod';

const cdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/**
 * The feature flags of cdk.json, which only the CDK CLI reads. Without them the same stacks give other templates: other
 * statements in policies, and exports between the stacks.
 */
export function featureFlags(): Record<string, unknown> {
  return cdkJson.parse(JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'))).context;
}
