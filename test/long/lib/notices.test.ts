/** The construct `Notices`: its rules match real events, and Slack, Teams and mail accept what the rules send. */

import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { Notices } from '../../../lib/notices.ts';
import { eventSource, eventTypes } from '../../../lambdas/contract/events.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { type FaultProxy, startFaultProxy } from '../../../local/faults/fault-proxy.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { EventWorld } from '../../support/event-world.ts';
import { type RuleEvent, sentBy } from '../../support/event-rules.ts';

vi.setConfig({ testTimeout: 120_000 });

/**
 * The message that an incoming webhook of Slack accepts, with the limits of its blocks.
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
const plain = (most: number) => z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(most) });
const slack = z.strictObject({
  text: z.string().min(1).max(4_000),
  blocks: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('header'), text: plain(150) }),
        z.strictObject({ type: z.literal('section'), text: plain(3_000) }),
        z.strictObject({
          type: z.literal('context'),
          elements: z
            .array(z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(3_000) }))
            .min(1)
            .max(10),
        }),
      ]),
    )
    .max(50),
});

/**
 * What the trigger of a Teams workflow takes: a message with one adaptive card, at most 28 KB.
 * @see https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook
 * @see https://adaptivecards.io/explorer
 */
const teams = z.strictObject({
  type: z.literal('message'),
  attachments: z.tuple([
    z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      content: z.strictObject({
        $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
        type: z.literal('AdaptiveCard'),
        version: z.enum(['1.0', '1.1', '1.2', '1.3', '1.4']),
        body: z
          .array(
            z.strictObject({
              type: z.literal('TextBlock'),
              text: z.string().min(1),
              wrap: z.boolean().optional(),
              size: z.enum(['Small', 'Default', 'Medium', 'Large', 'ExtraLarge']).optional(),
              weight: z.enum(['Lighter', 'Default', 'Bolder']).optional(),
              isSubtle: z.boolean().optional(),
            }),
          )
          .min(1),
      }),
    }),
  ]),
});

const alarmTopicArn = 'arn:aws:sns:eu-central-1:111122223333:alarms';
const stack = new Notices(new App(), 'Notices', {
  lake: { workspace: 'main', alarmTopic: { topicArn: alarmTopicArn } },
  runbookUrl: 'https://git.example.com/runbook.md',
  slackSecret: 'prospect-lake/slack',
  teamsSecret: 'prospect-lake/teams',
  nightsTo: 'data@example.com',
});
const template = Template.fromStack(stack);
const rules = Object.values(template.findResources('AWS::Events::Rule')).map((each): unknown => each['Properties']);
const sent = (event: RuleEvent) => rules.flatMap((rule) => sentBy(rule, event));

let simulator: Simulator;
let proxy: FaultProxy;
let world: EventWorld;
let vendors: Server;
let address: string;

beforeAll(async () => {
  simulator = await startSimulator({ leads: 20 });
  proxy = await startFaultProxy(simulator.baseUrl);
  world = await EventWorld.start(simulator, {
    streams: ['leads', 'exports'],
    apiUrl: proxy.baseUrl,
    timeScale: 20,
    environment: { EXPORT_FIRST_POLL_SECONDS: '2' },
  });
  await night(1);
  const scopes = ['me.read', streamNamed('exports').scope];
  simulator.configure({ scopes });
  await night(2);
  simulator.configure({ scopes: [...scopes, streamNamed('leads').scope] });
  const rewrite = (body: string) => body.replaceAll('"full_name"', '"a_new_field":1,"full_name"');
  proxy.plant([{ path: /^\/leads(\?|$)/, fault: { kind: 'rewrite', rewrite } }]);
  await night(3);
  proxy.plant([]);
  await world.cloud.fire('exports', new Date('2026-11-24T04:00:00.000Z'));
  await world.cloud.idle();
  simulator.configure({ exportFailure: 'The "quoted" reason\nhas two lines.' });
  await world.cloud.fire('exports', new Date('2026-11-24T05:00:00.000Z'));
  await world.cloud.idle();
  vendors = createServer((request, response) => {
    void text(request).then((body) => {
      const isTaken = (request.url === '/slack' ? slack : teams).safeParse(JSON.parse(body)).success;
      response.writeHead(isTaken ? 200 : 400).end(isTaken ? 'ok' : 'invalid_payload');
    });
  });
  await new Promise<void>((resolve) => vendors.listen(0, '127.0.0.1', resolve));
  const at = vendors.address();
  address = `http://127.0.0.1:${typeof at === 'object' ? at?.port : ''}`;
}, 240_000);
afterAll(async () => {
  vendors.close();
  await world.end();
  await proxy.stop();
  await simulator.stop();
});

async function night(minute: number): Promise<void> {
  await world.load(new Date(Date.UTC(2026, 10, 24, 2, minute)));
  await world.cloud.idle();
}

const eventsOf = (type: string) => world.cloud.events.filter(({ detailType }) => detailType === type);

describe('the notices of a workspace', () => {
  it('posts each problem to Slack and to Teams, in a form that both take', async () => {
    const problems = eventsOf(eventTypes.needsAttention);
    expect(problems.length).toBeGreaterThanOrEqual(2);
    for (const event of problems) {
      const posts = sent(event);
      expect(posts).toHaveLength(2);
      for (const { to, body } of posts) {
        const path = to.includes('Slack') ? '/slack' : '/teams';
        const answer = await fetch(address + path, { method: 'POST', body: JSON.stringify(body) });
        expect([answer.status, await answer.text()], JSON.stringify(body)).toEqual([200, 'ok']);
      }
      const { problem, message } = z.object({ problem: z.string(), message: z.string() }).parse(event.detail);
      const [forSlack] = posts.map(({ body }) => slack.safeParse(body).data).filter(Boolean);
      expect(forSlack?.text).toBe(message);
      expect(JSON.stringify(forSlack)).toContain(`Prospect Lake, main: ${problem}`);
      expect(JSON.stringify(posts)).toContain(`<https://git.example.com/runbook.md|the runbook>, ${problem}`);
      expect(JSON.stringify(posts)).toContain(`[the runbook](https://git.example.com/runbook.md), ${problem}`);
    }
  });

  it('mails how each night ended, and nothing else', () => {
    const nights = eventsOf(eventTypes.runPublished);
    const mails = nights.flatMap((event) => sent(event)).map(({ body }) => String(body));
    expect(mails).toContainEqual(
      expect.stringMatching(/^Prospect Lake, workspace main: nightly-\w+ is complete, at 2\S+\.$/),
    );
    expect(mails).toContainEqual(expect.stringMatching(/nightly-\w+ is partial/));
    expect(mails.every((mail) => mail.includes(': nightly-'))).toBe(true);
  });

  it.each([eventTypes.schemaChanged, eventTypes.exportReady, eventTypes.exportFailed])(
    'leaves %s to programs',
    (type) => {
      const events = eventsOf(type);
      expect(events.length).toBeGreaterThan(0);
      expect(events.flatMap((event) => sent(event))).toEqual([]);
    },
  );

  it('takes no event of another workspace or another source', () => {
    const [event] = eventsOf(eventTypes.needsAttention);
    expect(
      sent({
        source: eventSource,
        detailType: eventTypes.needsAttention,
        detail: { ...z.looseObject({}).parse(event?.detail), workspace: 'other' },
      }),
    ).toEqual([]);
    expect(sent({ source: 'other', detailType: eventTypes.needsAttention, detail: event?.detail })).toEqual([]);
  });

  it('survives every character in a message', () => {
    const message = 'He said "no"\\ \n\t <b> & {"a":1} 🚀';
    const detail = { workspace: 'main', problem: 'RunFailed', message };
    const posts = sent({ source: eventSource, detailType: eventTypes.needsAttention, detail });
    expect(
      posts.map(
        ({ body }) => slack.safeParse(body).data?.text ?? teams.parse(body).attachments[0].content.body[1]?.text,
      ),
    ).toEqual([message, message]);
  });

  it('tells the topic of the alarms what could not be delivered', () => {
    const [queue = ''] = Object.keys(template.findResources('AWS::SQS::Queue'));
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
      Threshold: 1,
      AlarmActions: [alarmTopicArn],
    });
  });

  it('holds no address in its template, and keeps what could not be delivered', () => {
    const endpoints = Object.values(template.findResources('AWS::Events::ApiDestination')).map((each) =>
      JSON.stringify(each),
    );
    expect(endpoints).toHaveLength(2);
    for (const endpoint of endpoints)
      expect(endpoint).toMatch(/\{\{resolve:secretsmanager:prospect-lake\/(slack|teams):SecretString:::\}\}/);
    for (const rule of rules) expect(JSON.stringify(rule).match(/DeadLetterConfig/g)).not.toBeNull();
  });
});
