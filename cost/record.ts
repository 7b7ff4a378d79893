import { writeFileSync } from 'node:fs';
import { parseWorkspace } from '../lib/config/config.ts';
import { templatesOf } from './deployment.ts';
import { measure } from './measure.ts';
import { type ReferenceRun, referencePath } from './reference.ts';
import { smallLeads, workload } from './workload.ts';

/** `npm run cost:record`: measures the reference workload and writes reference-run.json. Takes minutes. */

const { measurement: small } = await measure(smallLeads);
const { measurement: reference, durations } = await measure(workload.leads);
const run: ReferenceRun = {
  recordedOn: new Date().toISOString().slice(0, 10),
  reference,
  durations,
  small,
  ...templatesOf(parseWorkspace({ name: 'main' })),
};
writeFileSync(referencePath, `${JSON.stringify(run, null, 2)}\n`);
