import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pageStateKey } from '../../lambdas/contract/object-keys.ts';
import { commandStatus } from '../../local/cli/run-command.ts';
import { page } from '../../ops/page.ts';
import { runHere } from '../support/start-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const show = () => runHere({ cwd: folder }, () => commandStatus(page, ['--out', 'lake']));

it('the page of a folder without a run comes with the first', async () => {
  expect(await show()).toEqual({
    code: 2,
    stdout: '',
    stderr: 'There is no page in lake. Run npx prospect-lake start first, or name its folder with --out.\n',
  });
});

it('a page that ops forget deleted is said to be deleted, with the command that writes it anew', async () => {
  const state = join(folder, 'lake', pageStateKey);
  await mkdir(dirname(state), { recursive: true });
  await writeFile(state, '');
  expect(await show()).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'lake has no page now. Its page was deleted, most likely by ops forget because it may have named the person. The next run writes it anew: npx prospect-lake ops run --local --out lake\n',
  });
});
