import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { Notices } from '../../lib/notices.ts';
import { ProspectLake } from '../../lib/prospect-lake.ts';

const unbundled = { context: { 'aws:cdk:bundling-stacks': [] } };
const place = { account: '111122223333', region: 'eu-central-1' };
const alarmTopic = { topicArn: 'arn:aws:sns:eu-central-1:111122223333:alarms' };

describe('the notices of a workspace', () => {
  it('take account, region and topic from a workspace of the app', () => {
    const app = new App(unbundled);
    const lake = new ProspectLake(app, 'Lake', { config: { name: 'main', ...place } });
    const notices = new Notices(app, 'Notices', { lake, nightsTo: 'data@example.com' });
    expect(notices.environment).toBe('aws://111122223333/eu-central-1');
    Template.fromStack(notices).hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ 'Fn::ImportValue': Match.stringLikeRegexp('^ProspectLake-main-Pipeline:') }],
    });
  });

  it('go where the app says, whatever the workspace', () => {
    const app = new App(unbundled);
    const lake = new ProspectLake(app, 'Lake', { config: { name: 'main' } });
    expect(new Notices(app, 'One', { lake, nightsTo: 'a@example.com' }).environment).toBe(lake.pipeline.environment);
    expect(new Notices(app, 'Two', { lake, nightsTo: 'a@example.com', env: place }).region).toBe('eu-central-1');
  });

  it('have no rule for a chat that nobody named', () => {
    const lake = { workspace: 'main', alarmTopic };
    const mailed = Template.fromStack(new Notices(new App(), 'Mailed', { lake, nightsTo: 'a@example.com' }));
    const made = Object.values(mailed.findResources('AWS::Events::Rule'));
    expect(made).toHaveLength(1);
    expect(made[0]?.['Properties']).toMatchObject({ Targets: [{ DeadLetterConfig: {} }] });
  });

  it.each([
    [{ lake: { workspace: 'main', alarmTopic } }, "Notices 'Notices' tells nobody: give it slackSecret, teamsSecret"],
    [{ slackSecret: 'a' }, "Notices 'Notices' has to be given the workspace: write lake"],
    [{ lake: 'main', slackSecret: 'a' }, "Notices 'Notices' has to be given the workspace: write lake"],
    [
      { lake: { workspace: 'main', alarmTopic }, teamsSecret: 'https://example.com/hook' },
      /^The configuration cannot be used: Notices 'Notices': teamsSecret is the name of a secret that holds the address, (?!.*example\.com)/,
    ],
    [undefined, "Notices 'Notices' has to be given the workspace: write lake"],
  ])('say what to write if something is missing: %o', (props, message) => {
    const app = new App();
    expect(() => Reflect.construct(Notices, [app, 'Notices', props])).toThrow(message);
    expect(app.node.children).toEqual([]);
  });
});
