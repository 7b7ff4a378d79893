/** bin/prospect-lake.js starts this. */

import { homedir } from 'node:os';
import { main } from './main.ts';

// In a container, the user may have no home folder. The CDK and the AWS SDK fail unless HOME is set.
try {
  homedir();
} catch {
  process.env['HOME'] = '/nonexistent';
}
process.exitCode = await main(process.argv.slice(2));
