/** bin/prospect-lake.js starts this. */

import { main } from './main.ts';

process.exitCode = await main(process.argv.slice(2));
