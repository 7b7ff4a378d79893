import { isAllowed, matches } from './iam-evaluation.ts';
import type { Policies, Statement } from './iam-policies.ts';
import { type AccessRequest, keyRequestsOf } from './iam-requests.ts';

/** A permission that AWS itself uses, for a function or in its own name, so that no call can be recorded. */
export interface Exception {
  /** Who has the permission; if absent, anybody. */
  readonly principal?: RegExp;
  readonly action: RegExp;
  readonly resource: RegExp;
  readonly because: string;
}

export interface Findings {
  /** Recorded requests that the policies do not allow. */
  readonly refused: readonly string[];
  /** Permissions that no recorded request needs. */
  readonly unneeded: readonly string[];
  /** Exceptions that match no permission. */
  readonly idle: readonly string[];
}

/**
 * Compares the policies with the recorded requests: each request must be allowed, and each permission must have a
 * request that would be refused without it.
 */
export function compare(
  { statements, keys }: Policies,
  recorded: readonly AccessRequest[],
  exceptions: readonly Exception[],
): Findings {
  const permissions = statements.filter(({ effect }) => effect === 'Allow').flatMap(permissionsOf);
  const excepted = new Map(permissions.map((one) => [one, exceptions.find((row) => isException(row, one))]));
  const done = distinct([...recorded, ...recorded.flatMap(pollsFor)]);
  // When AWS uses a permission that is listed as an exception, it needs access to the KMS key as well. A service that
  // acts in its own name gets that access from the key's policy: docs/encryption.md.
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

/** Splits a statement by action, resource and value of its condition. */
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

/** Lambda's other requests to a queue from which it deletes messages: it receives them and reads their number. */
function pollsFor(request: AccessRequest): AccessRequest[] {
  if (request.action !== 'sqs:DeleteMessage') return [];
  return ['sqs:ReceiveMessage', 'sqs:GetQueueAttributes'].map((action) => ({ ...request, action }));
}

function isException(row: Exception, { principal, actions, resources }: Statement): boolean {
  const anyone = row.principal ?? /./;
  return anyone.test(principal) && row.action.test(actions.join()) && row.resource.test(resources.join());
}

/** The request that a permission allows. It has one action, one resource and at most one condition value. */
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
