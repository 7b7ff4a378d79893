/** `npm run test:page`: opens the page in Chromium. `CHROMIUM` names its program if it is not in the usual place. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Exit status if there is no browser: EX_UNAVAILABLE of sysexits.h. */
const noBrowser = 69;
const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const chromium = process.env['CHROMIUM'] ?? usual.find((path) => existsSync(path));
if (chromium === undefined || !existsSync(chromium)) {
  process.stderr.write('There is no Chromium here. Install it, or name its program in CHROMIUM.\n');
  process.exit(noBrowser);
}
const config = ['--config', 'test/page/vitest.config.ts', '--root', '.'];
const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', ...config, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CHROMIUM: chromium },
});
process.exitCode = status ?? 1;
