import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';

/**
 * Requests and answers of an HTTP API in payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */

/** Bodies of these types are handed on as text, all others as base64. */
const textTypes = /^(text\/|application\/(json|javascript|xml)\b|application\/[\w.-]+\+(json|xml)\b)/i;

export interface Match {
  readonly key: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Path (decoded; undefined where it cannot be) and query of a request. */
export function targetOf({ url = '/' }: { url?: string | undefined }): { path: string | undefined; search: string } {
  const at = url.indexOf('?');
  const raw = at < 0 ? url : url.slice(0, at);
  try {
    return { path: decodeURIComponent(raw), search: at < 0 ? '' : url.slice(at + 1) };
  } catch {
    return { path: undefined, search: '' };
  }
}

/** The event that a function is invoked with. */
export function eventOf(request: IncomingMessage, body: Buffer, apiId: string, { key, pathParameters }: Match) {
  const { path = '/', search } = targetOf(request);
  const isText = textTypes.test(request.headers['content-type'] ?? '');
  const { cookie, ...others } = request.headers;
  const headers = Object.entries(others).map(([name, value]): [string, string | undefined] => [
    name,
    Array.isArray(value) ? value.join(',') : value,
  ]);
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search))
    query.set(name, query.has(name) ? `${query.get(name)},${value}` : value);
  const now = new Date();
  return {
    version: '2.0',
    routeKey: key,
    rawPath: path,
    rawQueryString: search,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: Object.fromEntries(headers),
    ...(query.size === 0 ? {} : { queryStringParameters: Object.fromEntries(query) }),
    ...(Object.keys(pathParameters).length === 0 ? {} : { pathParameters }),
    requestContext: {
      accountId: 'anonymous',
      apiId,
      domainName: request.headers.host ?? '',
      domainPrefix: apiId,
      http: {
        method: request.method ?? 'GET',
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: key,
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length === 0 ? {} : { body: isText ? body.toString('utf8') : body.toString('base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

const wholeAnswer = z.object({
  statusCode: z.coerce.number().int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** What a function's answer says over HTTP. One without a status code is the body of a 200. */
export function answerOf(answer: unknown): HttpAnswer {
  const whole = wholeAnswer.safeParse(answer);
  if (!whole.success) return jsonAnswer(200, answer);
  const { statusCode, headers, cookies, body, isBase64Encoded } = whole.data;
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...lowerCased(headers),
      ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

export function jsonAnswer(status: number, value: unknown): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  };
}

/**
 * The route that takes a request: of those that match, the one that says most.
 * @param keys such as `POST /leads/{id}`, `ANY /files/{proxy+}`, `$default`
 */
export function matchRoute(method: string, path: string, keys: readonly string[]): Match | undefined {
  const matches = keys.flatMap((key) => {
    const [ofMethod = '', ofPath = ''] = key.split(' ');
    if (key === '$default') return [{ key, pathParameters: {}, rank: 0 }];
    if (ofMethod !== 'ANY' && ofMethod !== method) return [];
    const pathParameters = parametersOf(path, ofPath);
    const isGreedy = ofPath.includes('+}');
    const literals = ofPath.split('/').filter((part) => !part.startsWith('{')).length;
    return pathParameters
      ? [{ key, pathParameters, rank: (isGreedy ? 1 : 100) + literals * 2 + (ofMethod === 'ANY' ? 0 : 1) }]
      : [];
  });
  return matches.toSorted((a, b) => b.rank - a.rank)[0];
}

function parametersOf(path: string, pattern: string): Record<string, string> | undefined {
  const given = path.split('/');
  const wanted = pattern.split('/');
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const name = /^\{(.+?)(\+?)\}$/.exec(part);
    if (name?.[1] && name[2] === '+') {
      parameters[name[1]] = given.slice(index).join('/');
      return given.length > index ? parameters : undefined;
    }
    const value = given[index];
    if (value === undefined || (!name && value !== part) || (name && value === '')) return undefined;
    if (name?.[1]) parameters[name[1]] = value;
  }
  return given.length === wanted.length ? parameters : undefined;
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
