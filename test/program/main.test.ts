import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { opsSummaries, programSummaries } from '../../local/cli/command-names.ts';
import { commands } from '../../ops/commands.ts';
import { main } from '../../program/main.ts';
import { runHere } from '../support/start-process.ts';

const root = resolve(import.meta.dirname, '../..');
const run = (...args: string[]) => runHere({}, () => main(args));

describe('the help of the program', () => {
  it('has a line for each command, and one for each command of ops', async () => {
    const { code, stdout, stderr } = await run('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const [name, summary] of Object.entries({ ...programSummaries, ...opsSummaries }))
      expect(stdout.replaceAll(/\n {8,}/g, ' ')).toMatch(new RegExp(`^ +${name} +${RegExp.escape(summary)}$`, 'm'));
    expect(await run()).toMatchObject({ code: 0, stdout });
  });

  it('lists exactly the commands of ops', () => {
    expect(Object.keys(opsSummaries)).toEqual(commands.map(({ name }) => name));
  });

  it.each([
    '--help',
    ...Object.keys(programSummaries).map((name) => `${name} --help`),
    ...Object.keys(opsSummaries).map((name) => `ops ${name} --help`),
  ])('has no line longer than 80 columns in a pipe: %s', async (typed) => {
    const { code, stdout } = await run(...typed.split(' '));
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('appears without loading the CDK, the SDK or a database', () => {
    const refuse = `data:text/javascript,${encodeURIComponent(`
      import { registerHooks } from 'node:module';
      const resolve = (name, context, next) => {
        if (/aws|duckdb|fauxqs|esbuild/.test(name)) throw new Error('The help loads ' + name);
        return next(name, context);
      };
      registerHooks({ resolve });
    `)}`;
    const start = (...args: string[]) =>
      spawnSync(process.execPath, ['--import', refuse, join(root, 'bin/prospect-lake.js'), ...args], {
        encoding: 'utf8',
      });
    expect(start('--help')).toMatchObject({ status: 0, stderr: '' });
    expect(start('ops', 'status').stderr).toMatch(/The help loads @?aws-/);
  });
});

describe('the program', () => {
  it('tells its version, that of the newest section of the changelog', async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    expect(/^## (\d+\.\d+\.\d+)/m.exec(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))?.[1]).toBe(version);
    expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it.each([
    ['staus', 'Did you mean npx prospect-lake ops status?'],
    ['simulte', 'Did you mean npx prospect-lake simulator?'],
    ['nothing-like-it', 'The commands are: start, query, '],
  ])('answers to the unknown command %s with what it may have meant', async (name, says) => {
    const { code, stdout, stderr } = await run(name, '--flag');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^There is no command .* Help: npx prospect-lake --help\n$/);
    expect(stderr).toContain(says);
  });

  it('passes the arguments on to the command', async () => {
    expect(await run('scopes')).toMatchObject({ code: 0, stdout: expect.stringContaining('leads.read') });
    expect(await run('ops', 'explode')).toMatchObject({ code: 2, stderr: expect.stringContaining("'explode'") });
  });
});
