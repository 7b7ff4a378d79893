/** Checks what docs/deploy.md tells a person to type against what exists. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { prospectLakeApp } from '../../lib/app.ts';
import { openLake } from '../../local/run/lake.ts';

const root = join(import.meta.dirname, '../..');
const text = (file: string) => readFileSync(join(root, file), 'utf8');
const page = text('docs/deploy.md');
const found = (pattern: RegExp) => [...new Set([...page.matchAll(pattern)].map((match) => match[1] ?? ''))];

const template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
  Outputs: z.record(z.string(), z.unknown()),
});
const stacks = prospectLakeApp([{ name: 'main', alarmEmail: 'data@example.com' }, { name: 'sales-us' }], {
  bundled: false,
})
  .synth()
  .stacksRecursively.map((stack) => ({
    selector: stack.hierarchicalId,
    stackName: stack.stackName,
    template: template.parse(stack.template),
  }));

const lake = mkdtempSync(join(tmpdir(), 'deploy-page-'));
afterAll(() => rmSync(lake, { recursive: true, force: true }));

describe('the way to the first query', () => {
  it('names existing stacks', () => {
    const selectors = found(/\b([a-z-]+\/(?:Data|Pipeline))\b/g);
    expect(selectors).toEqual(expect.arrayContaining(['main/Data', 'main/Pipeline', 'sales-us/Pipeline']));
    expect(selectors.filter((selector) => !stacks.some((stack) => stack.selector === selector))).toEqual([]);
    for (const name of found(/--stack-name (\S+)/g)) expect(stacks.map(({ stackName }) => stackName)).toContain(name);
  });

  it('names existing outputs and secrets', () => {
    const outputs = stacks.flatMap((stack) => Object.keys(stack.template.Outputs));
    const named = [...found(/<([A-Z][A-Za-z]+)>/g), ...found(/output `([A-Za-z]+)`/g)];
    expect(named).toEqual(expect.arrayContaining(['WebhookUrl', 'BucketName']));
    for (const output of named) expect(outputs).toContain(output);
    const resources = JSON.stringify(stacks.map((stack) => stack.template.Resources));
    for (const secret of found(/--secret-id (\S+)/g).map((id) => id.replace(/`?,?$/, '')))
      expect(resources).toContain(`"${secret}"`);
  });

  it('names existing scripts and files', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(text('package.json')));
    for (const script of found(/npm run ([a-z:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
    const files = found(/file:\/\/(docs\/\S+\.json)/g);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('shows queries that run', async () => {
    const connection = await openLake(lake);
    for (const sql of found(/```sql\n([^`]+)```/g)) await expect(connection.run(sql)).resolves.toBeDefined();
    connection.closeSync();
  });
});
