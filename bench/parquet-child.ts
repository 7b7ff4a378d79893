/**
 * Measures one contender in its own process, so that its peak memory is its own: `parquet-child.ts <contender>
 * <stream> <chunk>…`
 */

import { statSync } from 'node:fs';
import { streamNamed } from '../lambdas/streams/registry.ts';
import { contenders } from './parquet-contenders.ts';
import type { Measurement } from './parquet.ts';

const [name = '', stream = '', ...chunks] = process.argv.slice(2);
const prepare = contenders[name];
if (!prepare) throw new RangeError(`There is no contender '${name}'.`);
const convert = await prepare(streamNamed(stream));
const started = performance.now();
let bytes = 0;
for (const chunk of chunks) {
  const parquet = `${chunk}.${name}.parquet`;
  await convert(chunk, parquet);
  bytes += statSync(parquet).size;
}
const seconds = (performance.now() - started) / 1_000;
// maxRSS is in KiB.
const measurement: Measurement = { seconds, bytes, peakBytes: process.resourceUsage().maxRSS * 1_024 };
process.stdout.write(JSON.stringify(measurement));
