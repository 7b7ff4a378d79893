/** `npm run cost:record`: measures the two reference workspaces and writes reference.json. Takes minutes. */

import { writeFileSync } from 'node:fs';
import { measure } from './measure.ts';
import { type Reference, referenceFile, sizes } from './reference.ts';

const recorded: Reference = { small: await measure(sizes.small), large: await measure(sizes.large) };
const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value);
writeFileSync(referenceFile, `${JSON.stringify(recorded, rounded, 2)}\n`);
process.stdout.write(
  `cost/reference.json has the calls of now, of ${sizes.small} and ${sizes.large} leads. Next: npm run generate\n`,
);
