import { describe, expect, it } from 'vitest';
import { faultOf } from '../../../lambdas/core/api/answer-fault.ts';
import { parseMembers } from '../../../lambdas/core/rows/json-slices.ts';

const fault = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return faultOf({ status, headers: new Headers(headers), body: text, members: parseMembers(text) });
};

describe('a refusal with 403', () => {
  it.each([
    ['Salesforce', { error: { code: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' } }],
    ['Google', { error: { errors: [{ domain: 'usageLimits', reason: 'userRateLimitExceeded' }], code: 403 } }],
    ['Google, by the day', { error: { errors: [{ reason: 'dailyLimitExceeded' }] } }],
    ['HubSpot', { status: 'error', errorType: 'RATE_LIMIT' }],
    ['a plain code', { error: 'quota_exceeded' }],
    ['a list of errors', { errors: [{ code: 'TooManyRequests' }] }],
    ['AWS', { code: 'ThrottlingException' }],
  ])('is a quota if its body has such a code: %s', (_, body) => {
    expect(fault(403, body)).toBe('quota');
  });

  it('is a quota if it says when to retry', () => {
    expect(fault(403, {}, { 'retry-after': '3' })).toBe('quota');
  });

  it.each([
    {},
    { error: { code: 'missing_scope', message: 'No rate limit applies; your quota is fine.' } },
    { error: { code: 'forbidden', details: { title: 'rate_limit' } } },
    'not JSON: rate_limit',
  ])('is a missing scope otherwise: %j', (body) => {
    expect(fault(403, body)).toBeUndefined();
  });
});

it('a 503 is an outage that is waited for if it says when to retry', () => {
  expect(fault(503, {}, { 'retry-after': '600' })).toBe('out-of-service');
  expect(fault(503, {})).toBeUndefined();
  expect(fault(502, {}, { 'retry-after': '600' })).toBeUndefined();
});

describe('an answer with 2xx', () => {
  it.each([
    { data: [], errors: [{ message: 'upstream shard timed out' }] },
    { data: [{ id: 'a' }], errors: ['half of it is missing'] },
    { error: 'internal' },
    { error: { message: 'no' } },
    { success: false, error: true },
    { success: false, message: 'The database is down.', data: [] },
    { ok: false, data: [], pagination: { next_cursor: null, has_more: false } },
    { status: 'error', data: [] },
    { status: 503, data: [] },
    { statusCode: '500', data: [] },
    { code: 504, data: [] },
    { timed_out: true, data: [{ id: 'a' }] },
    { incomplete_results: true, data: [] },
    { partial: true, data: [] },
  ])('is an error if its body reports one: %j', (body) => {
    expect(fault(200, body)).toBe('error-body');
  });

  it('is a rate limit if its body reports one', () => {
    expect(fault(200, { error: { code: 'rate_limited', message: 'slow down' } })).toBe('quota');
  });

  it.each([
    { data: [] },
    { data: [], errors: [] },
    { data: [], errors: null, error: '' },
    { data: [{ errors: ['of the row'], error: 'rate_limit' }] },
    { data: [], error: {}, errors: false },
    { data: [], error: { code: 0, message: '' }, errors: [null, { code: null }] },
    { data: [], success: true, ok: true, status: 'ok', code: 200, statusCode: 0, timed_out: false, partial: false },
    { data: { status: 'failed', code: 500, success: false } },
  ])('is a success if its body reports no error: %j', (body) => {
    expect(fault(200, body)).toBeUndefined();
  });

  it.each([
    ['<!doctype html><title>Sign in</title>', 'application/json'],
    ['\n<html><body>', ''],
    ['<form action="/login">', 'text/html; charset=utf-8'],
  ])('is reported as HTML if its body is HTML: %j', (body, type) => {
    expect(fault(200, body, { 'content-type': type })).toBe('html');
  });

  it.each(['', '[1]', '{"data":[', '<?xml version="1.0"?>', '{"data":[]} and more'])(
    'is reported as not JSON if its body is %j',
    (body) => {
      expect(fault(200, body)).toBe('not-json');
    },
  );

  it('may have no content', () => {
    expect(fault(204, '')).toBeUndefined();
  });
});

it('any other answer is judged by its status alone', () => {
  for (const status of [301, 401, 404, 429, 500]) expect(fault(status, '<html>')).toBeUndefined();
});
