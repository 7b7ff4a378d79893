import { isAllowed, matches } from './iam-evaluation.ts';
import type { Policies, Statement } from './iam-policies.ts';
import { type AccessRequest, keyRequestsOf } from './iam-requests.ts';

/** A permission that AWS itself uses, on behalf of a function or in its own name, where no call can be recorded. */
export interface Exception {
  /** Whose permission it is; absent: anybody's. */
  readonly principal?: RegExp;
  readonly action: RegExp;
  readonly resource: RegExp;
  readonly because: string;
}

export interface Findings {
  /** What was done and is not allowed. */
  readonly refused: readonly string[];
  /** What is allowed and was not needed. */
  readonly unneeded: readonly string[];
  /** Exceptions to which nothing is one. */
  readonly idle: readonly string[];
}

/**
 * Holds the policies against what was done: each request is allowed, and of each permission there is a
 * request that without it would be refused.
 */
export function compare(
  { statements, keys }: Policies,
  recorded: readonly AccessRequest[],
  exceptions: readonly Exception[],
): Findings {
  const permissions = statements.filter(({ effect }) => effect === 'Allow').flatMap(permissionsOf);
  const excepted = new Map(permissions.map((one) => [one, exceptions.find((row) => isException(row, one))]));
  const done = distinct([...recorded, ...recorded.flatMap(pollsFor)]);
  // What AWS does by a permission that is an exception, it does with the key as well. A service that acts in its own
  // name is let to do so by the policy of the key: docs/encryption.md.
  const byException = permissions
    .filter((one) => excepted.get(one) && !one.principal.endsWith('.amazonaws.com'))
    .map(requestFor);
  const withKeys = [...done, ...distinct([...done, ...byException].flatMap((one) => keyRequestsOf(one, keys)))];
  const needed = new Set<Statement>();
  for (const request of withKeys) {
    const [permission, ...others] = permissions.filter((one) => matches(request, one));
    if (permission && others.length === 0) needed.add(permission);
  }
  return {
    refused: withKeys.filter((request) => !isAllowed(request, statements)).map(described),
    unneeded: permissions
      .filter((one) => !needed.has(one) && !excepted.get(one))
      .map((one) => described(requestFor(one))),
    idle: exceptions.filter((row) => ![...excepted.values()].includes(row)).map(({ because }) => because),
  };
}

/** A statement as one for each action, resource and value of its condition. */
function permissionsOf(statement: Statement): Statement[] {
  const conditions = Object.entries(statement.conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
  );
  const [first, ...rest] = conditions;
  const choices = first && rest.length === 0 ? first.values.map((value) => ({ ...first, values: [value] })) : [];
  return statement.actions.flatMap((action) =>
    statement.resources.flatMap((resource) => {
      const one = { ...statement, actions: [action], resources: [resource] };
      if (choices.length === 0) return [one];
      return choices.map(({ operator, key, values }) => ({ ...one, conditions: { [operator]: { [key]: values } } }));
    }),
  );
}

/** Lambda has received each message that it deletes for a function, and looks how many there are. */
function pollsFor(request: AccessRequest): AccessRequest[] {
  if (request.action !== 'sqs:DeleteMessage') return [];
  return ['sqs:ReceiveMessage', 'sqs:GetQueueAttributes'].map((action) => ({ ...request, action }));
}

function isException(row: Exception, { principal, actions, resources }: Statement): boolean {
  const anyone = row.principal ?? /./;
  return anyone.test(principal) && row.action.test(actions.join()) && row.resource.test(resources.join());
}

/** A permission has one action, one resource and at most one value of a condition. */
function requestFor({ principal, actions, resources, conditions }: Statement): AccessRequest {
  const values = Object.values(conditions).flatMap((keys) => Object.entries(keys));
  const context = Object.fromEntries(values.map(([key, [value = '']]) => [key, value]));
  return { principal, action: actions.join(), resource: resources.join(), context };
}

function described({ principal, action, resource, context }: AccessRequest): string {
  const prefix = context['s3:prefix'];
  return `${principal} ${action} ${resource}${prefix === undefined ? '' : ` with the prefix '${prefix}'`}`;
}

function distinct(requests: readonly AccessRequest[]): AccessRequest[] {
  return [...new Map(requests.map((request) => [described(request), request])).values()];
}
