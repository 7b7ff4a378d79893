/**
 * What Lambda needs to connect a function to a VPC. These actions support no resources that are known beforehand.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
export const networkActions = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
