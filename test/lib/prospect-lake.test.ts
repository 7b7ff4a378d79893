import { App, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { describe, expect, it } from 'vitest';
import { prospectLakeApp } from '../../lib/app.ts';
import { ProspectLake } from '../../lib/prospect-lake.ts';

const unbundled = { context: { 'aws:cdk:bundling-stacks': [] } };
const config = { name: 'main' };

describe('two workspaces with the same name in an app', () => {
  it('are refused with the paths of both', () => {
    const app = new App(unbundled);
    new ProspectLake(app, 'First', { config });
    new ProspectLake(app, 'Other', { config: { name: 'other' } });
    expect(() => new ProspectLake(new Stage(app, 'Prod'), 'Second', { config })).toThrow(
      "workspace 'main': there are two with this name in the app, 'First' and 'Prod/Second'; give each its own name",
    );
    expect(() => prospectLakeApp([config, config], { bundled: false })).toThrow(
      "workspace 'main': there are two with this name; give each its own name",
    );
  });

  it('are allowed in different regions or accounts', () => {
    const app = new App(unbundled);
    new ProspectLake(app, 'First', { config: { ...config, region: 'eu-west-1' } });
    new ProspectLake(app, 'Second', { config: { ...config, region: 'us-east-1' } });
    const stage = new Stage(app, 'Prod', { env: { account: '111122223333', region: 'eu-west-1' } });
    expect(new ProspectLake(stage, 'Third', { config }).data.environment).toBe('aws://111122223333/eu-west-1');
  });
});

it('an app of somebody marks the stack that holds data, so that the command deploy refuses it', () => {
  const outputOf = (lake: unknown) =>
    Template.fromStack(
      lake instanceof ProspectLake ? lake.data : new ProspectLake(new App(), 'No', { config }).data,
    ).findOutputs('DeployedByAppOfYours');
  const theirs = new ProspectLake(new App(unbundled), 'Lake', { config });
  const ours = prospectLakeApp([config], { bundled: false }).node.findChild('main');
  expect([theirs, ours].map((lake) => Object.keys(outputOf(lake)).length)).toEqual([1, 0]);
});

it('an app can subscribe to the alarms', () => {
  const app = new App(unbundled);
  const { alarmTopic, pipeline } = new ProspectLake(app, 'Lake', { config });
  alarmTopic.addSubscription(new EmailSubscription('data@example.com'));
  Template.fromStack(pipeline).hasResourceProperties('AWS::SNS::Subscription', { Endpoint: 'data@example.com' });
});

describe('an app without a list of workspaces', () => {
  it('says what to write', () => {
    expect(() => Reflect.apply(prospectLakeApp, undefined, [undefined])).toThrow('takes a list of workspaces');
  });
});

it('a permissions boundary in the context of the app is on every role', () => {
  const boundary = { '@aws-cdk/core:permissionsBoundary': { name: 'company-boundary' } };
  const { pipeline } = new ProspectLake(new App({ context: { ...unbundled.context, ...boundary } }), 'Lake', {
    config,
  });
  const roles = Object.values(Template.fromStack(pipeline).findResources('AWS::IAM::Role'));
  expect(roles.length).toBeGreaterThan(10);
  for (const role of roles) expect(JSON.stringify(role)).toContain(':policy/company-boundary');
});

it.each([[undefined], [{ name: 'main' }], [{ config, env: { region: 'eu-central-1' } }]])(
  'if a setting is not in its config it says how to write it: %o',
  (props) => {
    expect(() => Reflect.construct(ProspectLake, [new App(), 'Lake', props])).toThrow(
      "ProspectLake 'Lake' takes all settings in config, and nothing beside it: write new ProspectLake(app, 'Lake', { config: { name: 'main' } }).",
    );
  },
);

it('a configuration that is refused leaves nothing in the app, which can go on', () => {
  const app = new App(unbundled);
  expect(() => new ProspectLake(app, 'Lake', { config: { name: 'Main' } })).toThrow(
    'name: has to be lower-case letters',
  );
  expect(app.node.children).toEqual([]);
  expect(new ProspectLake(app, 'Lake', { config }).data.stackName).toBe('ProspectLake-main-Data');
});
