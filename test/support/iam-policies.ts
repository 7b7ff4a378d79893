import { z } from 'zod';
import { readAssembly } from '../../local/cloud/cloudformation/template.ts';
import { type ResourceValues, Values } from '../../local/cloud/cloudformation/values.ts';

/** One statement of a policy in the templates. Its values are those of the embedded cloud. */
export interface Statement {
  /** Who has the permission: a function, a schedule, an AWS service, or `*`. */
  readonly principal: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Values by condition operator and condition key. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Everything about access in the templates. */
export interface Policies {
  readonly statements: readonly Statement[];
  /** KMS key by the ARN of each bucket, queue and secret that is encrypted with a customer's key. */
  readonly keys: ReadonlyMap<string, string>;
  /** ARN that each schedule invokes, by the schedule's name. */
  readonly targets: ReadonlyMap<string, string>;
}

const list = <T>(of: z.ZodType<T>) => z.union([z.array(of), of.transform((one) => [one])]);
const value = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);
const principal = z.union([z.literal('*'), z.record(z.string(), list(z.string()))]);
const document = z.object({
  Statement: z.array(
    z.object({
      Effect: z.enum(['Allow', 'Deny']),
      Action: list(z.string()),
      Resource: list(z.string()),
      Principal: principal.optional(),
      Condition: z.record(z.string(), z.record(z.string(), list(value))).default({}),
    }),
  ),
});
const resourcePolicies = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'];
const encryption = z
  .object({
    ServerSideEncryptionConfiguration: z.array(
      z.object({ ServerSideEncryptionByDefault: z.object({ KMSMasterKeyID: z.string().optional() }) }),
    ),
  })
  .optional();

/**
 * Reads the policies of roles and of resources.
 * @param folder of a cloud assembly; its functions need not be built
 */
export async function policiesIn(folder: string): Promise<Policies> {
  // No policy contains a queue URL, so the port does not matter.
  const values = new Values(await readAssembly(folder), 'http://127.0.0.1:1');
  const readers = (type: string) => values.ofType(type);
  const targets = readers('AWS::Scheduler::Schedule').map(
    (schedule) => [schedule.name, schedule.read('Target', z.object({ Arn: z.string() })).Arn] as const,
  );
  return { statements: statementsOf(readers), keys: keysOf(readers), targets: new Map(targets) };
}

type Readers = (type: string) => ResourceValues[];

function statementsOf(readers: Readers): Statement[] {
  const owners = ownersOf(readers);
  const ofRoles = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap(readers).flatMap((policy) =>
    policy.read('Roles', z.array(z.string())).flatMap((role) => {
      const owner = owners.get(role) ?? role;
      return policy.read('PolicyDocument', document).Statement.map((statement) => statementOf(statement, owner));
    }),
  );
  const ofResources = resourcePolicies
    .flatMap(readers)
    .flatMap((policy) =>
      policy
        .read('PolicyDocument', document)
        .Statement.flatMap((statement) => principalsOf(statement.Principal).map((who) => statementOf(statement, who))),
    );
  const ofFunctions = readers('AWS::Lambda::Permission').map((permission) => ({
    principal: permission.read('Principal', z.string()),
    effect: 'Allow' as const,
    actions: [permission.read('Action', z.string())],
    resources: [permission.read('FunctionName', z.string())],
    conditions: {},
  }));
  return [...ofRoles, ...ofResources, ...ofFunctions];
}

function statementOf(
  { Effect, Action, Resource, Condition }: z.infer<typeof document>['Statement'][number],
  who: string,
): Statement {
  return { principal: who, effect: Effect, actions: Action, resources: Resource, conditions: Condition };
}

/** Owner by role name: a function's name, or the path of the construct for other roles. */
function ownersOf(readers: Readers): Map<string, string> {
  const roles = readers('AWS::IAM::Role');
  const owners = new Map(roles.map(({ physicalName, name }) => [physicalName, name.replace(/\/role$/, '')]));
  for (const lambda of readers('AWS::Lambda::Function')) {
    const role = lambda.read('Role', z.string()).split('/').at(-1) ?? '';
    owners.set(role, lambda.name);
  }
  return owners;
}

function principalsOf(of: z.infer<typeof principal> | undefined): string[] {
  if (of === undefined) throw new Error('A statement of a resource has no principal.');
  return of === '*' ? ['*'] : Object.values(of).flat();
}

function keysOf(readers: Readers): Map<string, string> {
  const optional = z.string().optional();
  const pairs = [
    ...readers('AWS::S3::Bucket').map((bucket) => {
      const [rule] = bucket.read('BucketEncryption', encryption)?.ServerSideEncryptionConfiguration ?? [];
      return [bucket.arn, rule?.ServerSideEncryptionByDefault.KMSMasterKeyID] as const;
    }),
    ...readers('AWS::SQS::Queue').map((queue) => [queue.arn, queue.read('KmsMasterKeyId', optional)] as const),
    ...readers('AWS::SecretsManager::Secret').map((secret) => [secret.ref, secret.read('KmsKeyId', optional)] as const),
  ];
  return new Map(pairs.flatMap(([arn, key]) => (key === undefined ? [] : [[arn, key]])));
}
