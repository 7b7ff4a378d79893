import { afterAll, describe, expect, it } from 'vitest';
import { ProjectCopy } from '../../../support/project-copy.ts';

const project = new ProjectCopy();
afterAll(() => project.delete());

const define = "import { defineConfig } from './lib/config/config.ts';\n";

describe('a configuration file that cannot be used', () => {
  it.each<[what: string, text: string | undefined, line: RegExp]>([
    [
      'does not exist',
      undefined,
      /There is no prospect-lake\.config\.ts in .*: make one with import \{ defineConfig \}/,
    ],
    [
      'is empty',
      '',
      /prospect-lake\.config\.ts has to export workspaces and does not: write export const workspaces = /,
    ],
    [
      'has a default export',
      `${define}export default defineConfig([{ name: 'main' }]);`,
      /has to export workspaces and has a default export instead: write export const/,
    ],
    ['exports no list', 'export const workspaces = {};', /exports workspaces, but not as a list: write export const/],
    [
      'exports a plain list with a fault',
      'export const workspaces = [{ nam: 1 }];',
      /- workspace: nam: there is no such/,
    ],
    [
      'contains a typing error',
      `${define}\nexport const workspaces = defineConfig([{ name: 'main', ]);`,
      /config\.ts:3: Unex/,
    ],
    [
      'uses an unknown name',
      `${define}\nexport const workspaces = defineConfig([{ name: main }]);`,
      /ts:3: main is not/,
    ],
    [
      'imports a misspelled name',
      "import { defineConfg } from './lib/config/config.ts';",
      /ts:1: .*export named 'defineConfg'/,
    ],
    ['imports a missing file', "import './lib/confg.ts';", /config\.ts: Cannot find module .*confg\.ts/],
    [
      'leaves out the brackets',
      `${define}defineConfig({ name: 'main' });`,
      /was given one object: write defineConfig\(\[/,
    ],
    ['passes nothing', `${define}defineConfig();`, /was given nothing: write defineConfig\(\[/],
  ])('ends a command without a stack trace if it %s', (_, text, line) => {
    project.configure(text);
    const { code, stdout, stderr } = project.run('bin/prospect-lake.js', 'scopes');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^The configuration cannot be used:/);
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(/\n {4}at |node:internal/);
  });
});

describe('what all commands say about one fault in the configuration', () => {
  it.each([
    ['bin/cdk-app.ts', []],
    ['bin/prospect-lake.js', ['scopes']],
    ['bin/prospect-lake.js', ['cost']],
    ['bin/prospect-lake.js', ['ops', 'status']],
  ])('is the same line in %s %j', (script, args) => {
    project.configure(`${define}export const workspaces = defineConfig([{ name: 'main', pageSize: 0 }]);`);
    expect(project.run(script, ...args)).toEqual({
      code: 2,
      stdout: '',
      stderr: "The configuration cannot be used: workspace 'main': pageSize: has to be 1 or more\n",
    });
  });

  it.each([
    ['bin/prospect-lake.js', ['cost', '--json']],
    ['bin/prospect-lake.js', ['ops', 'status', '--json']],
  ])('is also reported to a program by %s %j', (script, args) => {
    project.configure('export const workspaces = [];');
    const { code, stdout } = project.run(script, ...args);
    expect([code, JSON.parse(stdout)]).toEqual([2, { error: expect.stringMatching(/There is no workspace/) }]);
  });
});

describe('a plain list of workspaces', () => {
  it('is checked and completed like the result of defineConfig', () => {
    project.configure("export const workspaces = [{ name: 'plain', streams: ['leads'] }];");
    expect(project.run('bin/prospect-lake.js', 'scopes')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("'plain' needs"),
    });
  });
});
