import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { layers, steps } from '../../tools/layers.ts';

/** One line of code, its file, and the start of the lint's message about it. */
const violations: readonly [file: string, code: string, message: string][] = [
  ['lambdas/handlers/a.ts', "import { app } from '../../lib/app.ts';", 'lambdas is what deploys'],
  ['lambdas/adapters/b.ts', "import { cloud } from '../../local/cloud/cloud.ts';", 'lambdas is what deploys'],
  ['lambdas/core/c.ts', "import { store } from '../../test/support/memory-store.ts';", 'lambdas is what deploys'],
  ['lambdas/streams/d.ts', "import { app } from '../../lib/app.ts';", 'lambdas is what deploys'],
  ['lambdas/contract/e.ts', "import { app } from '../../lib/app.ts';", 'lambdas is what deploys'],
  ['lambdas/contract/f.ts', "import { rows } from '../core/rows.ts';", 'contract is what all the others agree on'],
  ['lambdas/contract/g.ts', "import createClient from 'openapi-fetch';", 'contract is what all the others agree on'],
  ['lambdas/contract/h.ts', "import { readFile } from 'node:fs/promises';", 'contract is what all the others agree on'],
  ['lambdas/streams/i.ts', "import { rows } from '../core/rows.ts';", 'The registry is data'],
  ['lambdas/streams/j.ts', "import { z } from 'zod';", 'The registry is data'],
  ['lambdas/core/k.ts', "import { s3Store } from '../adapters/s3-store.ts';", 'core is pure'],
  ['lambdas/core/l.ts', "import type { S3Store } from '../adapters/s3-store.ts';", 'core is pure'],
  ['lambdas/core/m.ts', "export { handler } from '../handlers/plan.ts';", 'core is pure'],
  ['lambdas/core/n.ts', "export * from '../handlers/plan.ts';", 'core is pure'],
  ['lambdas/core/o.ts', "export const later = () => import('../streams/registry.ts');", 'core is pure'],
  ['lambdas/core/parquet/p.ts', "import { streams } from '../../streams/registry.ts';", 'core is pure'],
  ['lambdas/core/q.ts', "import { S3Client } from '@aws-sdk/client-s3';", 'core knows no SDK'],
  ['lambdas/core/r.ts', "import type { HttpRequest } from '@smithy/types';", 'core knows no SDK'],
  ['lambdas/core/s.ts', "import { Logger } from '@aws-lambda-powertools/logger';", 'core knows no SDK'],
  ['lambdas/core/t.ts', "import { readFileSync } from 'node:fs';", 'core knows no SDK'],
  ['lambdas/core/u.ts', "import { s3Store } from './../adapters/s3-store.ts';", 'Write the path without a detour'],
  ['lambdas/core/v.ts', "import { s3Store } from './parquet/../../adapters/s3.ts';", 'Write the path without a detour'],
  ['lambdas/core/w.ts', "import { s3Store } from '../core/../adapters/s3.ts';", 'Write the path without a detour'],
  ...steps.map((step, index): [string, string, string] => [
    `lambdas/core/${step}/x.ts`,
    `import { other } from '../${steps[(index + 1) % steps.length]}/other.ts';`,
    'A step imports no other step',
  ]),
  ['lambdas/core/rows/x.ts', "import { pages } from '../extract/pages.ts';", 'What the steps share knows none of them'],
  ['lambdas/core/runs/x.ts', "import { plan } from '../plan/plan-run.ts';", 'What the steps share knows none of them'],
  ['lambdas/adapters/a.ts', "import { handler } from '../handlers/plan.ts';", 'An adapter implements a port'],
  ['lambdas/adapters/c.ts', "import { streams } from '../streams/registry.ts';", 'An adapter implements a port'],
  [
    'lib/a.ts',
    "import { nextWindow } from '../lambdas/core/runs/windows.ts';",
    'The infrastructure imports the contract',
  ],
  ['lib/constructs/b.ts', "import { handler } from '../../lambdas/handlers/plan.ts';", 'The infrastructure imports'],
  ['bin/c.ts', "import { s3Store } from '../lambdas/adapters/s3-store.ts';", 'The infrastructure imports the contract'],
  ['lib/d.ts', "import { store } from '../test/support/memory-store.ts';", 'What a customer deploys'],
  ['lib/e.ts', "import { cloud } from '../local/cloud/cloud.ts';", 'What a customer deploys'],
  ['local/a.ts', "import { store } from '../test/support/memory-store.ts';", 'Only tests import tests'],
  ['local/cloud/b.ts', "import { layers, steps } from '../../tools/layers.ts';", 'npm start needs neither'],
  ['local/c.ts', "import { handler } from '../lambdas/handlers/plan.ts';", 'The local run starts the functions'],
  [
    'local/simulator/d.ts',
    "import { isNewer } from '../../lambdas/core/current/order.ts';",
    'The simulated API, and its',
  ],
  ['page/a.ts', "import { readFile } from 'node:fs/promises';", 'page is built into the file that a run writes'],
  ['ops/a.ts', "import { store } from '../test/support/memory-store.ts';", 'Only tests import tests'],
  ['ops/commands/b.ts', "import { app } from '../../lib/app.ts';", 'ops works on what is deployed'],
  ['ops/c.ts', "import { handler } from '../lambdas/handlers/plan.ts';", 'ops works on what is deployed'],
  ['bench/a.ts', "import { store } from '../test/support/memory-store.ts';", 'Only tests import tests'],
  ['cost/a.ts', "import { store } from '../test/support/memory-store.ts';", 'Only tests import tests'],
  ['doctor/a.ts', "import { store } from '../test/support/memory-store.ts';", 'Only tests import tests'],
  ['doctor/b.ts', "import { handler } from '../lambdas/handlers/plan.ts';", 'The doctor looks at what is there'],
  ['program/a.ts', "import { store } from '../test/support/memory-store.ts';", 'Only tests import tests'],
  ['mcp/a.ts', "import { store } from '../test/support/memory-store.ts';", 'Only tests import tests'],
  ['mcp/b.ts', "import { app } from '../lib/app.ts';", 'The MCP server reads what is there'],
  ['lib/f.ts', "import { bill } from '../cost/bill.ts';", 'What a customer deploys'],
  ['tools/a.ts', "import { store } from '../test/support/memory-store.ts';", 'Only tests import tests'],
];

const legal: readonly [file: string, code: string][] = [
  ['lambdas/contract/ok.ts', "import { z } from 'zod';\nimport { metaColumns } from './meta-columns.ts';"],
  ['lambdas/streams/ok.ts', "import { tableOf } from '../contract/stream.ts';\nimport { leads } from './leads.ts';"],
  ['lambdas/core/extract/ok.ts', "import { chunkId } from '../runs/run-ids.ts';\nimport { Log } from '../ports.ts';"],
  ['lambdas/core/ok.ts', "import { z } from 'zod';\nimport { tableOf } from '../contract/stream.ts';"],
  [
    'lambdas/core/parquet/ok.ts',
    "import { rows } from '../rows.ts';\nimport { tableOf } from '../../contract/stream.ts';",
  ],
  ['lambdas/adapters/ok.ts', "import { S3Client } from '@aws-sdk/client-s3';\nimport { rows } from '../core/rows.ts';"],
  [
    'lambdas/handlers/ok.ts',
    "import { streams } from '../streams/registry.ts';\nimport { s3 } from '../adapters/s3.ts';",
  ],
  ['lib/ok.ts', "import { streams } from '../lambdas/streams/registry.ts';\nimport { z } from 'zod';"],
  ['ops/ok.ts', "import { configuredWorkspaces } from '../local/cli/configured-workspaces.ts';"],
  ['doctor/ok.ts', "import { app } from '../lib/app.ts';\nimport { exchange } from '../lambdas/adapters/exchange.ts';"],
  [
    'mcp/ok.ts',
    "import { store } from '../lambdas/adapters/s3-store.ts';\nimport { trace } from '../ops/commands/trace.ts';",
  ],
  ['local/ok.ts', "import { app } from '../lib/app.ts';\nimport { streams } from '../lambdas/streams/registry.ts';"],
  [
    'test/ok.ts',
    "import { cloud } from '../local/cloud/cloud.ts';\nimport { handler } from '../lambdas/handlers/plan.ts';",
  ],
];

const report = z.object({
  diagnostics: z.array(
    z.object({ code: z.string().optional(), message: z.string(), help: z.string().optional(), filename: z.string() }),
  ),
});

const root = join(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'layers-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function plant(file: string, code: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), `${code}\n`);
}

const folders = [
  'bench',
  'bin',
  'cost',
  'doctor',
  'lambdas',
  'lib',
  'local',
  'mcp',
  'ops',
  'page',
  'program',
  'test',
  'tools',
];

/** Lints the copy with the project's own configuration. */
function lint() {
  const { status, stdout, stderr } = spawnSync(
    join(root, 'node_modules/.bin/oxlint'),
    ['--format', 'json', ...folders],
    {
      cwd: copy,
      encoding: 'utf8',
    },
  );
  expect(stdout, stderr).toMatch(/^\{/);
  const found = report.parse(JSON.parse(stdout)).diagnostics;
  return {
    status,
    /** The lint's messages about a file, by rule. */
    saysOf: (file: string, rule: string) =>
      found
        .filter(({ filename, code }) => filename === file && code?.includes(`(${rule})`))
        .map(({ message, help }) => `${help} ${message}`),
  };
}

let linted: ReturnType<typeof lint>;
beforeAll(() => {
  cpSync(join(root, 'oxlint.config.ts'), join(copy, 'oxlint.config.ts'));
  cpSync(join(root, 'tsconfig.json'), join(copy, 'tsconfig.json'));
  cpSync(join(root, 'tools/layers.ts'), join(copy, 'tools/layers.ts'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [file, code] of [...violations, ...legal]) plant(file, code);
  plant('lambdas/core/cycle-a.ts', "import { b } from './cycle-b.ts';\nexport const a = () => b;");
  plant('lambdas/core/cycle-b.ts', "import { a } from './cycle-a.ts';\nexport const b = () => a;");
  plant('lambdas/core/shape-a.ts', "import type { B } from './shape-b.ts';\nexport interface A { readonly b: B }");
  plant('lambdas/core/shape-b.ts', "import type { A } from './shape-a.ts';\nexport interface B { readonly a: A }");
  plant('lambdas/core/type.ts', "export type Store = import('../adapters/s3-store.ts').S3Store;");
  plant(
    'lambdas/core/long.ts',
    Array.from({ length: 201 }, (_, line) => `export const line${line} = ${line};`).join('\n'),
  );
  linted = lint();
});

describe('the layers', () => {
  it('fail the lint if one is crossed', () => {
    expect(linted.status).toBe(1);
  });

  it.each(violations)('refuse in %s: %s', (file, _code, message) => {
    expect(linted.saysOf(file, 'no-restricted-imports')).toContainEqual(expect.stringContaining(message));
  });

  it.each(legal)('allow in %s what belongs there', (file) => {
    expect(linted.saysOf(file, 'no-restricted-imports')).toEqual([]);
  });

  it('have a planted violation for each of their rules', () => {
    const messages = layers.flatMap(({ files, bans }) => bans.map(({ message }) => `${files.join()}: ${message}`));
    const planted = violations.map(([, , message]) => message);
    expect(messages.filter((message) => !planted.some((start) => message.includes(start)))).toEqual([]);
  });

  it('cannot be crossed by an inline type import', () => {
    expect(linted.saysOf('lambdas/core/type.ts', 'consistent-type-imports')).toHaveLength(1);
  });

  it.each(['cycle', 'shape'])('have no cycles, not even of types: %s', (name) => {
    expect(linted.saysOf(`lambdas/core/${name}-a.ts`, 'no-cycle')).toHaveLength(1);
  });

  it('have files that a person can read in one go', () => {
    expect(linted.saysOf('lambdas/core/long.ts', 'max-lines')).toHaveLength(1);
  });
});
