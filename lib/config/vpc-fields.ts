import { z } from 'zod';
import { hasToken, isDummySubnet } from './cdk-token.ts';

const idsOf = (kind: 'subnet' | 'sg', what: string, most: number) => {
  const wanted = `has to be the id of ${what}, such as '${kind}-0a1b2c3d4e5f67890'`;
  const form = new RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`);
  return z
    .array(
      z.string(wanted).refine((id) => form.test(id) || hasToken(id) || isDummySubnet(id), wanted),
      `has to be a list of ids, such as ['${kind}-0a1b2c3d4e5f67890']`,
    )
    .refine(({ length }) => length >= 1 && length <= most, `has to name 1 to ${most} ids`);
};

/** The part of a VPC in which the functions run. The VPC itself is not named: each subnet belongs to one. */
export const vpc = z.strictObject({
  subnetIds: idsOf('subnet', 'a subnet', 16).describe(
    'Private subnets of one VPC, with a route to the internet through a NAT gateway or the like. One in each of two or more availability zones survives the loss of a zone.',
  ),
  securityGroupIds: idsOf('sg', 'a security group', 5).describe(
    'Security groups of that VPC. They need no inbound rule; outbound, they have to allow TCP port 443.',
  ),
});
