/**
 * Commands in messages work when they are copied unchanged. test/long tests those that `npm start -- --watch` prints.
 */

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { opsCommand, outFlag } from '../../../local/cli/suggested-command.ts';

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
