import { createRequire } from 'node:module';
import type { RegionInfo } from 'aws-cdk-lib/region-info';
import { z } from 'zod';
import { closestNames } from '../../lambdas/contract/closest-name.ts';

const require = createRequire(import.meta.url);
const regionModule = z.object({ RegionInfo: z.custom<typeof RegionInfo>() });

/** @returns a readable message that says what is wrong with the name of a region; undefined if nothing is */
export function regionProblem(name: string): string | undefined {
  // Loaded only if a region is configured, because loading takes a third of a second.
  const known = regionModule.parse(require('aws-cdk-lib/region-info')).RegionInfo.regions.map((region) => region.name);
  if (known.includes(name)) return undefined;
  const near = closestNames(name.toLowerCase(), known).slice(0, 2);
  const which =
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'its name has the form of us-east-1 or eu-central-1.';
  return `there is no AWS region '${name}'; ${which} A region that is newer than this version needs a newer aws-cdk-lib`;
}
