import { createHash } from 'node:crypto';

/** Longest name that a service takes. */
const longest: Readonly<Record<string, number>> = {
  'AWS::IAM::Role': 64,
  'AWS::Lambda::Function': 64,
  'AWS::Scheduler::Schedule': 64,
  'AWS::Events::Rule': 64,
  'AWS::SQS::Queue': 80,
  'AWS::S3::Bucket': 63,
  'AWS::SNS::Topic': 256,
};

/**
 * A name as CloudFormation makes it up: the stack, the logical id and twelve characters. What is too long it cuts: each
 * part may take what the other leaves, the stack the larger half.
 * @see https://github.com/KensioSoftware/yulin/pull/1127 which gives names that AWS has made
 */
export function generatedName(type: string, stack: string, logicalId: string): string {
  const tail = createHash('sha256').update(stack).update(logicalId).digest('hex').slice(0, 12);
  const room = (longest[type] ?? 255) - tail.length - 2;
  const half = Math.ceil(room / 2);
  const ofStack = Math.min(stack.length, Math.max(half, room - logicalId.length));
  const ofId = Math.min(logicalId.length, room - ofStack);
  const name = `${stack.slice(0, ofStack)}-${logicalId.slice(0, ofId)}-${tail}`;
  return type === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
}
