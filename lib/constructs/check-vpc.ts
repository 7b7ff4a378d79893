import type { Stack } from 'aws-cdk-lib';
import { type ISecurityGroup, type ISubnet, type IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
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
  for (const group of all.filter(isGroup).filter(({ securityGroupId }) => securityGroupIds.includes(securityGroupId)))
    refuseElsewhere(data, `${where}.securityGroupIds: has to name security groups`, group);
}
