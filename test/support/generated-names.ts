import { createHash } from 'node:crypto';

/** Maximum name length of each service. */
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
 * A name as CloudFormation generates it: stack, logical id and twelve characters. CloudFormation cuts names that are
 * too long: the stack and the logical id can use the room that the other leaves; the stack has the larger half.
 * @see https://github.com/KensioSoftware/yulin/pull/1127 for names that AWS generated
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
