import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../lib/config/config.ts';
import { configurationFields } from '../../../tools/configuration-page.ts';
import { configProblems } from '../../support/config-problems.ts';

const unusable = [5, -1, 1.5, Number.NaN, 1e9, null, 'text', '', true, {}, [], [5], [null], { '': 5 }];
const groups = ['schedule', 'webhooks', 'exports', 'personalData', 'retention'];

/** Fields that a group must have, by group. */
const needed: Readonly<Record<string, object>> = {
  'exports.source': { bucket: 'files' },
  vpc: { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d'] },
};

function withField(path: string, value: unknown): unknown {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const inner = { ...needed[keys.join('.')], [last]: value };
  return { name: 'main', ...keys.toReversed().reduce<object>((nested, key) => ({ [key]: nested }), inner) };
}

describe('the message about a configuration', () => {
  it.each([...configurationFields().map(({ path }) => path), ...groups])(
    'of %s has one line for one fault, without words of the schema library',
    (path) => {
      for (const value of unusable) {
        const problems = configProblems([withField(path, value)]);
        // An object in place of such a group has several problems: it lacks each field that the group must have.
        if (!(path in needed && inspect(value).startsWith('{'))) expect(problems.length).toBeLessThanOrEqual(1);
        expect(problems.join()).not.toMatch(/Invalid|expected|received|Unrecognized|Too (big|small)/);
      }
    },
  );

  it.each<[what: string, args: readonly unknown[], problem: string]>([
    ['no list', [], 'defineConfig takes a list of workspaces and was given nothing: write defineConfig([{'],
    ['a workspace outside of a list', [{ name: 'main' }], 'was given one object: write defineConfig([{'],
    ['text', ['main'], 'was given one string'],
    ['null in the list', [[null]], "workspace: has to be an object, such as { name: 'main' }"],
    ['no name, among others', [[{ name: 'a' }, {}]], 'workspace 2 of the list: name: has to be given'],
    ['a source without its bucket', [[withField('exports.source', {})]], 'exports.source.bucket: has to be given'],
    [
      'raw data kept for less than a day',
      [[withField('retention.rawDays', -1)]],
      'retention.rawDays: has to be 4 or more',
    ],
    [
      'an API that is no URL',
      [[withField('apiBaseUrl', 'login')]],
      "apiBaseUrl: has to be a URL such as 'https://login.prospectb2b.com/api/public/v1'",
    ],
  ])('that is %s says what to write', (_, args, problem) => {
    expect(configProblems(...args)).toEqual([expect.stringContaining(problem)]);
  });

  it('tells all faults at once, of single fields and of those that are compared with others', () => {
    const problems = configProblems([
      {
        name: 'main',
        region: 'eu-centrl-1',
        kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f',
        schedule: { cron: 'daily', timezone: 'Europe/Zurch' },
        apiBaseUrl: 'login',
        personalData: { hash: ['emial'] },
      },
    ]);
    expect(problems.map((problem) => problem.split(': ')[1])).toEqual([
      'region',
      'apiBaseUrl',
      'schedule.cron',
      'schedule.timezone',
      'personalData.hash.0',
    ]);
  });

  it('is all that an app prints that does not catch the error', () => {
    const error = new ConfigError(["workspace 'main': name: has to be given"]);
    expect(inspect(error)).toBe(`[ConfigError: ${error.message}]`);
  });

  it('is in the error once, and in one line if there is one fault', () => {
    const error = new ConfigError(["workspace 'main': name: has to be given"]);
    expect(error.message).toBe("The configuration cannot be used: workspace 'main': name: has to be given");
    expect(inspect(error).match(/has to be given/g)).toHaveLength(1);
    expect(new ConfigError(['one', 'two']).message).toMatch(
      /^The configuration cannot be used:\n {2}- one\n {2}- two$/,
    );
  });
});
