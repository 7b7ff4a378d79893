import { describe, expect, it } from 'vitest';
import { defineConfig, parseWorkspace } from '../../../lib/config/config.ts';
import { workspaces } from '../../../prospect-lake.config.ts';
import { configProblems } from '../../support/config-problems.ts';

/** Takes input of any type, as if no compiler had checked it. */
const problemsOf = (...inputs: unknown[]) => configProblems(inputs);

describe('a configuration', () => {
  it('needs only a name', () => {
    expect(parseWorkspace({ name: 'main' })).toMatchObject({
      streams: 'all',
      schedule: { cron: '0 2 * * ? *', timezone: 'Etc/UTC' },
      retention: { rawDays: 30, runDays: 30, logDays: 90 },
      personalData: { drop: [], hash: [] },
      removalPolicy: 'retain',
    });
  });

  it('may be parsed twice', () => {
    const once = parseWorkspace({ name: 'main', startDate: '2024-01-31', streams: ['leads', 'lead_messages'] });
    expect(parseWorkspace(once)).toEqual(once);
    expect(once.startDate).toBe('2024-01-31T00:00:00.000Z');
  });

  it('is valid as it comes with the project', () => {
    expect(defineConfig(workspaces)).toEqual(workspaces);
  });

  it('may read without TLS only an API on this machine', () => {
    expect(problemsOf({ name: 'main', apiBaseUrl: 'http://127.0.0.1:8080/api/public/v1' })).toEqual([]);
    expect(problemsOf({ name: 'main', apiBaseUrl: 'http://localhost.example/api/public/v1' })).toHaveLength(1);
  });
});

describe('a configuration that cannot be used says what is wrong', () => {
  it.each<[what: string, input: unknown, problem: RegExp]>([
    ['no name', {}, /^workspace: name: has to be given/],
    ['a name that no bucket can have', { name: 'Sales_EU' }, /name: has to be lower-case letters, digits/],
    ['a name that is too long', { name: 'a'.repeat(21) }, /name: has to be at most 20 characters/],
    [
      'a field in the wrong place',
      { name: 'main', timezone: 'UTC' },
      /timezone: there is no such field; did you mean schedule\.timezone\?/,
    ],
    ['a misspelled field', { name: 'main', pagesize: 10 }, /pagesize: there is no such field; did you mean pageSize\?/],
    [
      'a field that is like no other',
      { name: 'main', colour: 'red' },
      /colour: there is no such field; the fields are name, .*pageSize/,
    ],
    [
      'a misspelled field further down',
      { name: 'main', schedule: { zone: 'UTC' } },
      /schedule\.zone: there is no such field/,
    ],
    ['no workspace object', null, /^workspace: has to be an object/],
    ['an account that is a number', { name: 'main', account: 123_456_789_012 }, /account: has to be text, in quotes/],
    ['a region that is none', { name: 'main', region: 'Frankfurt' }, /region: there is no AWS region 'Frankfurt'/],
    [
      'a region that is misspelled',
      { name: 'main', region: 'us-est-1' },
      /region: there is no AWS region 'us-est-1'; did you mean us-east-1 or us-west-1\?/,
    ],
    [
      'a night every half hour',
      { name: 'main', schedule: { cron: '0/30 * * * ? *' } },
      /schedule\.cron: has to leave an hour or more/,
    ],
    [
      'an alarm before the schedule’s longest pause is over',
      { name: 'main', schedule: { cron: '0 2 ? * MON-FRI *' }, runExpectedHours: 26 },
      /runExpectedHours: has to be 72 or more, the longest pause of the schedule/,
    ],
    [
      'an unencrypted API',
      { name: 'main', apiBaseUrl: 'http://example.com/api/public/v1' },
      /apiBaseUrl: has to be an https URL/,
    ],
    [
      'another path of the API',
      { name: 'main', apiBaseUrl: 'https://example.com/' },
      /apiBaseUrl: has to end in '\/api\/public\/v1'/,
    ],
    [
      'an alarm address that is none',
      { name: 'main', alarmEmail: 'data at example' },
      /alarmEmail: has to be an e-mail/,
    ],
    [
      'a topic that is none',
      { name: 'main', alarmTopicArn: 'on-call' },
      /alarmTopicArn: has to be the ARN of an SNS topic that is not FIFO/,
    ],
    [
      'a topic that takes no alarms',
      { name: 'main', alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call.fifo' },
      /alarmTopicArn: has to be the ARN of an SNS topic that is not FIFO/,
    ],
    [
      'a topic of another region',
      { name: 'main', region: 'eu-west-1', alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call' },
      /alarmTopicArn: has to be a topic of the region eu-west-1/,
    ],
    [
      'an address beside a topic',
      { name: 'main', alarmEmail: 'a@example.com', alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:on-call' },
      /alarmEmail: cannot stand beside alarmTopicArn: subscribe the address to your topic/,
    ],
    ['a pause longer than a year', { name: 'main', runExpectedHours: 9_001 }, /runExpectedHours: has to be 9000/],
    [
      'a cron expression of Unix',
      { name: 'main', schedule: { cron: '0 2 * * *' } },
      /schedule\.cron: needs six fields .* and has 5/,
    ],
    [
      'a time zone that is none',
      { name: 'main', schedule: { timezone: 'Mars/Base' } },
      /schedule\.timezone: there is no time zone 'Mars\/Base'/,
    ],
    [
      'a window longer than a day',
      { name: 'main', flexibleWindowMinutes: 1441 },
      /flexibleWindowMinutes: has to be 1440 or less/,
    ],
    [
      'an unknown stream',
      { name: 'main', streams: ['leds'] },
      /streams\.0: there is no stream 'leds'; did you mean leads\?/,
    ],
    [
      'a child without its parent',
      { name: 'main', streams: ['campaigns', 'lead_messages'] },
      /streams\.1: 'lead_messages' is read once per row of 'leads': add 'leads'/,
    ],
    [
      'a history of fewer days than are ever allowed',
      { name: 'main', retention: { historyDays: 3 } },
      /^workspace 'main': retention\.historyDays: has to be 14 or more$/,
    ],
    ['no streams', { name: 'main', streams: [] }, /streams: has to be 'all' or a list of at least one stream/],
    ['a start date that is none', { name: 'main', startDate: 'last year' }, /startDate: has to be a UTC date such as/],
    [
      'a start date that is still ahead',
      { name: 'main', startDate: '2999-01-31' },
      /startDate: is in the future, so no lead would be loaded/,
    ],
    [
      'the history of a stream',
      { name: 'main', streams: ['leads_history'] },
      /streams\.0: name 'leads' instead: its history comes with it/,
    ],
    [
      'an event that is misspelled',
      { name: 'main', webhooks: { events: ['lead.update'] } },
      /webhooks\.events\.0: there is no event 'lead\.update'; did you mean lead\.updated\?/,
    ],
    [
      'no export, in capitals',
      { name: 'main', exports: { cron: 'OFF' } },
      /exports\.cron: needs six fields .* Write 'off' to start no export\./,
    ],
    [
      'text in place of a group',
      { name: 'main', schedule: '0 2 * * ? *' },
      /schedule: has to be an object in braces with fields of these: cron, timezone$/,
    ],
    [
      'a field by a shorter name',
      { name: 'main', apiUrl: 'x' },
      /apiUrl: there is no such field; did you mean apiBaseUrl\?/,
    ],
    [
      'a field by the name that it has in the CDK',
      { name: 'main', encryptionKey: 'x' },
      /encryptionKey: there is no such field; did you mean kmsKeyArn\?/,
    ],
    [
      'an object of a class, as a Vpc of the CDK is',
      { name: 'main', vpc: new Map() },
      /vpc: was given a Map and has to be an object in braces with fields of these: subnetIds, securityGroupIds$/,
    ],
    ['a key in place of its ARN', { name: 'main', kmsKeyArn: {} }, /kmsKeyArn: has to be the ARN of a KMS key as text/],
    [
      'a column outside of its table',
      { name: 'main', customColumns: { lead_score: { type: 'integer' } } },
      /customColumns\.lead_score\.type: has to be columns by table: \{ leads: \{ lead_score: \{ type: 'integer', personal: false \} \} \}/,
    ],
    ['a page of no rows', { name: 'main', pageSize: 0 }, /pageSize: has to be 1 or more/],
    ['a number in quotes', { name: 'main', pageSize: '50' }, /pageSize: has to be a whole number from 1 to 1000/],
    ['a concurrency that SQS does not know', { name: 'main', concurrency: 1 }, /concurrency: has to be 2 or more/],
    [
      'fewer requests than functions',
      { name: 'main', requestsPerMinute: 3, concurrency: 4 },
      /requestsPerMinute: has to be at least the concurrency \(4\)/,
    ],
    [
      'raw data gone before its run ends',
      { name: 'main', retention: { rawDays: 3 } },
      /retention\.rawDays: has to be 4 or more/,
    ],
    [
      'days that CloudWatch does not know',
      { name: 'main', retention: { logDays: 31 } },
      /retention\.logDays: has to be one of 1, 3,/,
    ],
    [
      'a key whose id is none',
      { name: 'main', kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/abc' },
      /kmsKeyArn: has to be the ARN of a KMS key \(not of an alias\) that ends in the id of the key/,
    ],
    ['an alias for a key', { name: 'main', kmsKeyArn: 'alias/mine' }, /kmsKeyArn: has to be the ARN of a KMS key/],
    [
      'a key of another region',
      {
        name: 'main',
        region: 'eu-west-1',
        kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef',
      },
      /kmsKeyArn: has to be a key of the region eu-west-1/,
    ],
    [
      'a first look at an export later than the slowest',
      { name: 'main', exports: { firstPollSeconds: 800, slowestPollSeconds: 10 } },
      /exports\.firstPollSeconds: has to be at most exports\.slowestPollSeconds \(10\)/,
    ],
    ['a tag that AWS keeps', { name: 'main', tags: { 'aws:team': 'x' } }, /tags\.aws:team: the key has to be/],
    [
      'an unknown removal policy',
      { name: 'main', removalPolicy: 'keep' },
      /removalPolicy: has to be 'retain' or 'destroy'/,
    ],
  ])('%s', (_, input, problem) => {
    const problems = problemsOf(input);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('everything at once, by the name of each workspace', () => {
    expect(problemsOf({ name: 'one', pageSize: 0, concurrency: 0 }, { name: 'two', streams: 'leads' })).toEqual([
      "workspace 'one': pageSize: has to be 1 or more",
      "workspace 'one': concurrency: has to be 2 or more",
      "workspace 'two': streams: has to be 'all' or a list of at least one stream, such as ['leads']",
    ]);
  });

  it('each of several misspelled fields', () => {
    expect(problemsOf({ name: 'main', retention: { historydays: 30, rawDay: 9 } })).toEqual([
      "workspace 'main': retention.historydays: there is no such field; did you mean historyDays?",
      "workspace 'main': retention.rawDay: there is no such field; did you mean rawDays?",
    ]);
  });

  it('two workspaces with the same name, or no workspace', () => {
    expect(problemsOf({ name: 'main' }, { name: 'main' })).toEqual([
      expect.stringMatching(/'main': there are two with this name/),
    ]);
    expect(problemsOf()).toEqual([expect.stringMatching(/There is no workspace/)]);
  });
});
