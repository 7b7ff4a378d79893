import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../../../local/cloud/cloud.ts';
import { matchRoute } from '../../../../local/cloud/api-gateway/http-event.ts';
import { RequestBucket } from '../../../../local/cloud/api-gateway/request-bucket.ts';
import { dataStack, lambdaFunction, temporaryFolder, writeAssembly } from '../fixture-assembly.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cloud: Cloud;

const route = (key: string) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId: { Ref: 'HttpApi' },
    RouteKey: key,
    Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
  },
});

beforeAll(async () => {
  folder = await temporaryFolder();
  const assembly = await writeAssembly(`${folder.path}/assembly`, {
    data: dataStack,
    pipeline: {
      Resources: {
        ...lambdaFunction('Answer', 'answer', { URL: { 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] } }),
        ...lambdaFunction('Echo', 'echo', { URL: { 'Fn::GetAtt': ['HttpApi', 'ApiEndpoint'] } }),
        HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'hooks', ProtocolType: 'HTTP' } },
        Integration: {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: {
            ApiId: { Ref: 'HttpApi' },
            IntegrationType: 'AWS_PROXY',
            IntegrationUri: { 'Fn::GetAtt': ['Answer', 'Arn'] },
            PayloadFormatVersion: '2.0',
          },
        },
        Hook: route('POST /hooks/{id}'),
        Throttled: route('POST /throttled'),
        Stage: {
          Type: 'AWS::ApiGatewayV2::Stage',
          Properties: {
            ApiId: { Ref: 'HttpApi' },
            StageName: '$default',
            RouteSettings: { 'POST /throttled': { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 } },
          },
        },
      },
    },
  });
  cloud = await startCloud({ assembly, out: `${folder.path}/out` });
});
afterAll(async () => {
  await cloud.stop();
  await folder.remove();
});

const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${cloud.apiUrl('http-api')}${path}`, { method: 'POST', body, headers });

describe('a route', () => {
  it('invokes its function with the request, and answers as the function says', async () => {
    const answer = await post('/hooks/a%20b?x=1&x=2&y=%C3%BC', '{"ü":1}', {
      'Content-Type': 'application/json',
      'X-Signature': 'v1=00',
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('x-answer')).toBe('yes');
    expect(answer.headers.get('set-cookie')).toBe('a=b');
    expect(await answer.json()).toMatchObject({
      version: '2.0',
      routeKey: 'POST /hooks/{id}',
      rawPath: '/hooks/a b',
      rawQueryString: 'x=1&x=2&y=%C3%BC',
      queryStringParameters: { x: '1,2', y: 'ü' },
      pathParameters: { id: 'a b' },
      headers: { 'content-type': 'application/json', 'x-signature': 'v1=00' },
      requestContext: { http: { method: 'POST', path: '/hooks/a b', sourceIp: '127.0.0.1' } },
      body: '{"ü":1}',
      isBase64Encoded: false,
    });
  });

  it('hands a body that is no text on as base64', async () => {
    const bytes = new Uint8Array([0, 255, 10]);
    const answer = await post('/hooks/1', bytes, { 'Content-Type': 'application/octet-stream' });
    expect(await answer.json()).toMatchObject({ body: 'AP8K', isBase64Encoded: true });
  });

  it('answers 200 with what a function returns that gives no status, and 500 where it fails', async () => {
    const plain = await post('/hooks/1', 'plain', { 'Content-Type': 'text/plain' });
    expect([plain.status, await plain.json()]).toEqual([200, { plain: true }]);
    const failed = await post('/hooks/1', 'fail', { 'Content-Type': 'text/plain' });
    expect([failed.status, await failed.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  it('takes no body that is too large for Lambda', async () => {
    expect((await post('/hooks/1', 'x'.repeat(7_000_000), { 'Content-Type': 'text/plain' })).status).toBe(413);
  });

  it('is throttled as its stage says', async () => {
    const answers = await Promise.all(['1', '2', '3', '4'].map((body) => post('/throttled', body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 202, 429, 429]);
  });

  it('that is not there is 404, and an address that means nothing 400', async () => {
    expect((await fetch(`${cloud.apiUrl('http-api')}/hooks/1`)).status).toBe(404);
    expect((await post('/nowhere', '')).status).toBe(404);
    expect((await post('/hooks/%ff', '')).status).toBe(400);
    const { hostname, port } = new URL(cloud.apiUrl('http-api'));
    const status = await new Promise((resolve) => {
      request(
        { hostname, port, path: '//' },
        (answer) => void text(answer).then(() => resolve(answer.statusCode)),
      ).end();
    });
    expect(status).toBe(404);
  });
});

it('tells functions the address of the API', async () => {
  expect(await cloud.invoke('echo')).toMatchObject({ environment: { URL: cloud.apiUrl('http-api') } });
});

it('refuses a port that is taken', async () => {
  const httpPort = Number(new URL(cloud.apiUrl('http-api')).port);
  const start = startCloud({ assembly: `${folder.path}/assembly`, out: `${folder.path}/other`, httpPort });
  await expect(start).rejects.toThrow(`Port ${httpPort} of 127.0.0.1 cannot be had (EADDRINUSE).`);
});

it.each([
  ['GET', '/a/1', 'GET /a/{id}', { id: '1' }],
  ['GET', '/a/b', 'GET /a/b', {}],
  ['PUT', '/a/1', 'ANY /a/{id}', { id: '1' }],
  ['GET', '/files/x/y', 'ANY /files/{proxy+}', { proxy: 'x/y' }],
  ['GET', '/a', '$default', {}],
  ['GET', '/a/', '$default', {}],
])('leads %s %s to %s', (method, path, key, pathParameters) => {
  const keys = ['$default', 'ANY /files/{proxy+}', 'ANY /a/{id}', 'GET /a/{id}', 'GET /a/b'];
  expect(matchRoute(method, path, keys)).toMatchObject({ key, pathParameters });
});

it('lets requests pass again as time goes by', () => {
  const bucket = new RequestBucket({ rate: 10, burst: 1 });
  expect([bucket.take(0), bucket.take(50), bucket.take(100), bucket.take(5_000), bucket.take(5_000)]).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
});
