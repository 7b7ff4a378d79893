/**
 * Commands in messages work when they are copied unchanged. test/long tests those that `npm start -- --watch` prints.
 */

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { outFlag } from '../../../local/cli/out-flag.ts';
import { opsCommand, withCommandApart } from '../../../local/cli/suggested-command.ts';

describe('the folder in a command', () => {
  it('is omitted if the command would use it by default', async () => {
    expect(outFlag('.prospect-lake')).toBe('');
    expect(await opsCommand('resume', '.prospect-lake')).toBe('npx prospect-lake ops resume --local');
  });

  it.each([['../two'], ['two words'], ["it's"], ['a$HOME`b`"c"'], ['semi;colon']])(
    'passes the shell unchanged: %s',
    (out) => {
      const line = `printf %s${outFlag(out).replace(' --out', '')}`;
      expect(spawnSync('sh', ['-c', line], { encoding: 'utf8' }).stdout).toBe(out);
    },
  );
});

describe('a command in a message of the pipeline', () => {
  const flags = ' --local --out here';

  it('gets a line of its own at the end of a message, with the flags of the folder', () => {
    const message =
      'Look: npx prospect-lake ops audit --stream jobs,leads. Read all: npx prospect-lake ops run --full-refresh.';
    expect(withCommandApart(message, flags)).toEqual({
      text: 'Look: npx prospect-lake ops audit --stream jobs,leads --local --out here. Read all:',
      command: 'npx prospect-lake ops run --full-refresh --local --out here',
    });
  });

  it('gets that line if it only looks, and not the one after it that approves deletions', () => {
    const message =
      'Nothing was deleted. Look: npx prospect-lake ops audit --stream jobs,leads. Approve it: npx prospect-lake ops approve-deletions --run nightly-1.';
    expect(withCommandApart(message, flags)).toEqual({
      text: 'Nothing was deleted. Look:',
      command: 'npx prospect-lake ops audit --stream jobs,leads --local --out here',
      rest: 'Approve it: npx prospect-lake ops approve-deletions --run nightly-1 --local --out here.',
    });
  });

  it('gets the flags of the folder in the middle of a message', () => {
    const message = 'Look at the dead letters (npx prospect-lake ops replay-dead-letters lists them). Wait.';
    expect(withCommandApart(message, flags)).toEqual({
      text: 'Look at the dead letters (npx prospect-lake ops replay-dead-letters --local --out here lists them). Wait.',
    });
  });
});
