/** Checks to whom the key belongs, and whether it has the scopes that the configuration needs. */

import { z } from 'zod';
import { streams } from '../../lambdas/streams/registry.ts';
import { configFileName } from '../../lib/config/load-workspaces.ts';
import { type Finding, look, note, ok, skipped, unusable } from '../finding.ts';
import type { Asked } from '../api/ask.ts';
import type { Endpoint } from './endpoints.ts';

const identity = z.object({
  data: z.object({
    tenant: z.object({ id: z.string() }).optional().catch(undefined),
    role: z.string().optional().catch(undefined),
    scopes: z.array(z.string()).optional().catch(undefined),
    read_only: z.boolean().optional().catch(undefined),
  }),
});

export interface Key {
  readonly findings: readonly Finding[];
  /** Scopes that the configuration needs and the key cannot use. Empty if the API does not return the scopes. */
  readonly missingScopes: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

/**
 * @param asked the answer to `/me`
 * @param needed what each scope is needed for, by scope
 * @param keyFrom where the key comes from
 */
export function checkKey(asked: Asked, needed: ReadonlyMap<string, readonly string[]>, keyFrom: string): Key {
  if (asked.status === 401)
    return {
      missingScopes: none,
      findings: [
        unusable(
          'key',
          `The API refuses the key from ${keyFrom} (401).`,
          'Check that it is whole, not revoked and not expired, and that it belongs to this address.',
        ),
      ],
    };
  if (asked.status === 403)
    return {
      missingScopes: none,
      findings: [
        unusable(
          'key',
          `The key from ${keyFrom} may not ask whose it is (403).`,
          'Give it the scope me.read: every run begins with this question.',
        ),
      ],
    };
  const said = identity.safeParse(asked.json);
  if (!said.success)
    return {
      missingScopes: none,
      findings: [
        look('key', 'The API takes the key, but /me does not say whose it is.', 'See the endpoint /me below.'),
      ],
    };
  const { tenant, role, scopes, read_only: readOnly } = said.data.data;
  const whose = ok(
    'key',
    [
      tenant ? `belongs to the workspace ${tenant.id}` : 'belongs to a workspace that /me does not name',
      role === undefined ? '' : `role ${role}`,
      readOnly ? 'may only read' : '',
    ]
      .filter(Boolean)
      .join(', '),
  );
  if (!scopes)
    return { missingScopes: none, findings: [whose, skipped('scopes', '/me does not list the scopes of the key.')] };
  const granted = new Set(scopes);
  const cannotUse = (scope: string) => !granted.has(scope) || (readOnly === true && isWrite(scope));
  return {
    findings: [whose, ...scopeFindings(granted, needed, readOnly ?? false)],
    missingScopes: new Set([...needed.keys()].filter(cannotUse)),
  };
}

/** Corrects what `/me` says about the scopes by what the endpoints answered: a path that answers is readable. */
export function correctedByAnswers({ findings, missingScopes }: Key, endpoints: readonly Endpoint[]): Key {
  const answering = new Set(endpoints.flatMap(({ page, operation }) => (page ? [operation.stream.scope] : [])));
  return {
    findings: findings.map((finding) =>
      finding.scope && answering.has(finding.scope.name)
        ? note('scopes', `${finding.scope.name} is not among the scopes that /me lists, but its paths answer`)
        : finding,
    ),
    missingScopes: new Set([...missingScopes].filter((scope) => !answering.has(scope))),
  };
}

const isWrite = (scope: string) => scope.endsWith('.write');

function scopeFindings(
  granted: ReadonlySet<string>,
  needed: ReadonlyMap<string, readonly string[]>,
  readOnly: boolean,
): Finding[] {
  // One finding says what a key that may only read cannot do.
  const missing = [...needed].filter(([scope]) => !granted.has(scope) && !(readOnly && isWrite(scope)));
  const spare = [...granted].filter((scope) => !needed.has(scope));
  const more = spare.length === 0 ? '' : `; ${spare.length} more than needed: ${spare.toSorted().join(', ')}`;
  const writes = [...needed.keys()].filter(isWrite);
  return [
    ...(missing.length === 0 && [...needed.keys()].every((scope) => granted.has(scope))
      ? [ok('scopes', `has all ${needed.size} that the configuration needs${more}`)]
      : []),
    ...missing.map(([name, purposes]) => {
      const neededFor = purposes.map((purpose) => purpose.replaceAll('`', ''));
      return {
        ...look(
          'scopes',
          `lacks ${name}, for ${neededFor.join(', ')}`,
          `Give the key this scope, or switch off in ${configFileName()} what needs it.`,
        ),
        scope: { name, neededFor },
        tables: neededFor.filter((purpose) => streams.some((stream) => stream.name === purpose)),
      };
    }),
    ...(readOnly && writes.length > 0
      ? [
          look(
            'scopes',
            `may only read, but ${writes.join(', ')} is needed`,
            'Make the key as a member who may write, or switch webhooks off.',
          ),
        ]
      : []),
  ];
}
