import { createRequire } from 'node:module';
import type { RegionInfo } from 'aws-cdk-lib/region-info';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const regionModule = z.object({ RegionInfo: z.custom<typeof RegionInfo>() });

/** @returns a readable message that says what is wrong with the name of a region; undefined if nothing is */
export function regionProblem(name: string): string | undefined {
  // Loaded only if a region is configured, because loading takes a third of a second.
  const known = regionModule.parse(require('aws-cdk-lib/region-info')).RegionInfo.regions.map((region) => region.name);
  if (known.includes(name)) return undefined;
  const begin = name.slice(0, 3).toLowerCase();
  const near = known.filter((region) => region.startsWith(begin));
  const which = near.length > 0 ? `the regions that begin with '${begin}' are` : 'the regions are';
  const list = (near.length > 0 ? near : known).join(', ');
  return `there is no AWS region '${name}'; ${which} ${list}. A region that is newer than this version needs a newer aws-cdk-lib`;
}
