/**
 * The most likely mistakes in a configuration. test/long/lib/config has the others, and runs every command with them.
 */

import { afterAll, describe, expect, it } from 'vitest';
import { ProjectCopy } from '../../support/project-copy.ts';

const project = new ProjectCopy();
afterAll(() => project.delete());

describe('prospect-lake.config.ts', () => {
  it('with a typing error ends a command with its line, and without a stack trace', () => {
    project.configure(
      "import { defineConfig } from './lib/config/config.ts';\n\nexport const workspaces = defineConfig([",
    );
    const { code, stdout, stderr } = project.run('bin/prospect-lake.js', 'scopes');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^The configuration cannot be used: .*config\.ts:3: .*\n$/);
  });

  it('without an export of workspaces ends a command with what to write', () => {
    project.configure('');
    const { code, stderr } = project.run('bin/prospect-lake.js', 'scopes');
    expect([code, stderr]).toEqual([2, expect.stringContaining('write export const workspaces = ')]);
  });
});
