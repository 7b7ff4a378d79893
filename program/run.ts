/** bin/prospect-lake.js starts this. */

import { homedir } from 'node:os';
import { main } from './main.ts';

// A user without a home, as in a container with a bare user id: the CDK and the SDK of AWS fail unless there is a name.
try {
  homedir();
} catch {
  process.env['HOME'] = '/nonexistent';
}
process.exitCode = await main(process.argv.slice(2));
