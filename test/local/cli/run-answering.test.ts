import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runOps } from '../../support/ops-process.ts';

const file = (path: string) => JSON.stringify(join(import.meta.dirname, '../../..', path));

function failing(json: boolean, error: string) {
  const code = `
    import { runAnswering } from ${file('local/cli/run-answering.ts')};
    import { DamagedObjectError } from ${file('lambdas/core/store/stored-object.ts')};
    import { UsageError } from ${file('local/cli/usage-error.ts')};
    await runAnswering(${json}, async () => { throw ${error}; });
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('a command that fails under --json', () => {
  it.each([
    ['status --fast', /^Unknown option '--fast'\./],
    ['backfill --stream leads --from yesterday', /^--from wants a date/],
    ['backfill --stream nothing', /^there is no stream 'nothing'/],
    ['explode', /^There is no command 'explode'/],
    ['status --local --out /dev/null/nowhere', /^There is no local run under/],
  ])('tells why as one JSON value and as a line: %s', async (line, error) => {
    const { code, stdout, stderr } = await runOps(`${line} --json`);
    const told: unknown = JSON.parse(stdout);
    expect([code, told]).toEqual([2, { error: expect.stringMatching(error) }]);
    expect(told).toEqual({ error: stderr.trimEnd() });
  });

  it('tells a failure that nobody thought of without its stack', () => {
    const { status, stdout, stderr } = failing(true, "new TypeError('This is odd.')");
    expect([status, stdout]).toEqual([1, '{"error":"This is odd."}\n']);
    expect(stderr).toContain('TypeError: This is odd.\n    at ');
  });
});

describe('a command that fails for a person', () => {
  it('leaves standard output alone', () => {
    const told = { status: 2, stdout: '', stderr: 'Say which.\n' };
    expect(failing(false, "new UsageError('Say which.')")).toEqual(told);
  });

  it('over an object of the lake that is damaged names it in one line', () => {
    const { status, stderr } = failing(false, "new DamagedObjectError('state/pipeline.json', 'is not JSON')");
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^state\/pipeline\.json is not JSON\. Restore .*\n$/)]);
  });
});
