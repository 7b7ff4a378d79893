import { describe, expect, it } from 'vitest';
import { ruleFor } from '../../../lambdas/core/api/answer-rules.ts';

describe('the rule', () => {
  it.each([
    [200, 'accept', undefined],
    [204, 'accept', undefined],
    [301, 'fail', 'request_refused'],
    [400, 'fail', 'request_refused'],
    [401, 'fail', 'unauthorized'],
    [403, 'fail', 'forbidden'],
    [302, 'fail', 'request_refused'],
    [304, 'retry', 'unavailable'],
    [404, 'fail', 'not_found'],
    [408, 'retry', 'unavailable'],
    [409, 'fail', 'idempotency_conflict'],
    [410, 'fail', 'not_found'],
    [418, 'fail', 'request_refused'],
    [422, 'fail', 'request_refused'],
    [425, 'retry', 'unavailable'],
    [429, 'rate-limited', undefined],
    [500, 'retry', 'unavailable'],
    [503, 'retry', 'unavailable'],
    [599, 'retry', 'unavailable'],
    [999, 'retry', 'unavailable'],
    ['unreachable', 'retry', 'unavailable'],
    ['untrusted', 'retry', 'unavailable'],
    ['reset', 'retry', 'unavailable'],
    ['timed-out', 'retry', 'unavailable'],
    ['cut-off', 'retry', 'unavailable'],
    ['not-json', 'retry', 'malformed_answer'],
    ['html', 'retry', 'malformed_answer'],
    ['error-body', 'retry', 'unavailable'],
    ['quota', 'rate-limited', undefined],
    ['too-large', 'fail', 'answer_too_large'],
  ] as const)('for %s is to %s, with the error %s', (outcome, kind, code) => {
    const { action, advice } = ruleFor(outcome);
    expect(action.kind).toBe(kind);
    expect('error' in action ? new action.error('x', {}).code : undefined).toBe(code);
    expect(advice === '').toBe(kind === 'accept');
  });

  it('names the scope of a request that is forbidden, and of no other', () => {
    expect(ruleFor(403, { scope: 'leads.read' }).advice).toContain('Give the key the scope leads.read, or');
    expect(ruleFor(403).advice).toContain('Give the key the scope, or');
    expect(ruleFor('quota', { scope: 'leads.read' })).toEqual(ruleFor('quota'));
  });

  it('names the path that is not there, and says what to do', () => {
    expect(ruleFor(404, { path: '/settings/profile' }).advice).toBe(
      'There is no /settings/profile. Ask the vendor whether the path has moved, or leave its table out with streams in the configuration.',
    );
    expect(ruleFor(404, { path: '/me' }).advice).toMatch(
      /no \/me at this address\. Check the address of the API: apiBaseUrl/,
    );
  });

  it('does not advise to switch off the question with which every run begins', () => {
    expect(ruleFor(403, { scope: 'me.read', path: '/me' }).advice).toBe(
      'The API key may not do this. Give the key the scope me.read: every run begins with the question whose key it is.',
    );
  });
});
