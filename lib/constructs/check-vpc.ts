import type { Stack } from 'aws-cdk-lib';
import {
  CfnSecurityGroup,
  CfnSecurityGroupEgress,
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  SecurityGroup,
} from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { z } from 'zod';
import { refuseElsewhere } from '../access/refuse-elsewhere.ts';
import { ConfigError } from '../config/config.ts';
import type { WorkspaceConfig } from '../config/workspace-config.ts';

const isVpc = (each: IConstruct): each is IVpc => 'publicSubnets' in each;
const isSubnet = (each: IConstruct): each is ISubnet => 'subnetId' in each;
const isGroup = (each: IConstruct): each is ISecurityGroup => 'securityGroupId' in each;

/**
 * Refuses subnets and security groups of the app with which the functions could not work. Without an app that makes or
 * imports them, only their ids are known.
 * @throws ConfigError
 */
export function checkVpc(
  data: Stack,
  workspace: string,
  { subnetIds, securityGroupIds }: NonNullable<WorkspaceConfig['vpc']>,
): void {
  const where = `workspace '${workspace}': vpc`;
  const all = data.node.root.node.findAll();
  const isPublic = new Set(all.filter(isVpc).flatMap((vpc) => vpc.publicSubnets));
  for (const subnet of all.filter(isSubnet).filter(({ subnetId }) => subnetIds.includes(subnetId))) {
    refuseElsewhere(data, `${where}.subnetIds: has to name subnets`, subnet);
    if (isPublic.has(subnet))
      throw new ConfigError([
        `${where}.subnetIds: ${subnet.node.path} is a public subnet, in which a function gets no public address and reaches nothing: give private ones, with a route through a NAT gateway`,
      ]);
  }
  const groups = all.filter(isGroup).filter(({ securityGroupId }) => securityGroupIds.includes(securityGroupId));
  for (const group of groups) refuseElsewhere(data, `${where}.securityGroupIds: has to name security groups`, group);
  // Looked at when the templates are made, because the app may still add rules.
  data.node.addValidation({
    validate: () =>
      groups.length === securityGroupIds.length && groups.every(isClosed)
        ? [
            `${where}.securityGroupIds: no group allows outgoing traffic, so the functions reach nothing: group.addEgressRule(Peer.anyIpv4(), Port.tcp(443))`,
          ]
        : [],
  });
}

/** Whether the app makes the group with `allowAllOutbound: false`, and adds no rule for outgoing traffic. */
function isClosed(group: ISecurityGroup): boolean {
  if (!(group instanceof SecurityGroup) || group.allowAllOutbound) return false;
  const { defaultChild, children } = group.node;
  if (!(defaultChild instanceof CfnSecurityGroup) || children.some((each) => each instanceof CfnSecurityGroupEgress))
    return false;
  // The CDK writes one rule that matches nothing, because EC2 allows everything to a group without rules.
  const rules = egressRules.safeParse(group.stack.resolve(defaultChild.securityGroupEgress)).data ?? [];
  return rules.length === 1 && rules[0]?.cidrIp === '255.255.255.255/32';
}

const egressRules = z.array(z.object({ cidrIp: z.string().optional() }));
