import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { streams } from '../../lambdas/streams/registry.ts';
import { parseWorkspace } from '../../lib/config/config.ts';
import { type Operation, ownOperations, scopeOf, scopesFor } from '../../tools/scopes.ts';

const root = join(import.meta.dirname, '../..');
const of = (config = {}) => scopesFor(parseWorkspace({ name: 'main', ...config }));
const quiet = { webhooks: { enabled: false }, exports: { cron: 'off' } };

describe('the scopes of a key', () => {
  it('are those of every stream, of exports and of webhooks, each once', () => {
    const scopes = [...of().keys()];
    expect(new Set(scopes).size).toBe(scopes.length);
    for (const { scope } of streams) expect(scopes).toContain(scope);
    expect(scopes).toContain('webhooks.write');
  });

  it('allow no writes if there are no webhooks and exports', () => {
    const scopes = [...of({ ...quiet, streams: ['leads', 'lead_messages'] }).keys()];
    expect(scopes).toEqual(['leads.read', 'me.read', 'messages.read']);
  });

  it('say what each is for', () => {
    expect(of().get('webhooks.read')).toEqual(['`webhook_endpoints`', '`webhook_deliveries`', 'the webhook endpoint']);
    expect(of({ ...quiet, streams: ['campaigns'] }).get('campaigns.read')).toEqual(['`campaigns`']);
  });

  it('for exports and webhooks are there only with these', () => {
    const only = { streams: ['leads'] };
    expect([...of({ ...only, ...quiet, exports: { cron: '0 3 ? * SUN *' } }).keys()]).toContain('leads.export');
    expect([...of({ ...only, exports: { cron: 'off' } }).keys()]).toEqual(
      expect.arrayContaining(['webhooks.read', 'webhooks.write']),
    );
    expect([...of({ ...only, ...quiet }).keys()]).toEqual(['leads.read', 'me.read']);
  });

  it('cover every operation that the adapters and the plan function call', () => {
    const folder = join(root, 'lambdas/adapters');
    const code = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const called = code.flatMap((text) =>
      [...text.matchAll(/client\.(GET|POST|PATCH|DELETE|PUT)\('\/api\/public\/v1([^']*)'/g)].map(
        ([, method = '', path = '']) => `${method} ${path}`,
      ),
    );
    const known = Object.values(ownOperations)
      .flat()
      .map(({ method, path }: Operation) => `${method.toUpperCase()} ${path}`);
    expect([...new Set([...called, 'GET /me'])].toSorted()).toEqual(known.toSorted());
  });

  it('are an error that names the operation if the contract lacks it', () => {
    expect(() => scopeOf({ method: 'delete', path: '/me' })).toThrow(
      'openapi.json has no DELETE /api/public/v1/me with',
    );
  });
});
