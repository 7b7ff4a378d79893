import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequestBucket } from '../../../../local/cloud/api-gateway/request-bucket.ts';
import { type Cloud, startCloud } from '../../../../local/cloud/cloud.ts';
import { dataStack, lambdaFunction, temporaryFolder, writeAssembly } from '../fixture-assembly.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cloud: Cloud;

beforeAll(async () => {
  folder = await temporaryFolder();
  const ofApi = (type: string, properties: object) => ({
    Type: `AWS::ApiGatewayV2::${type}`,
    Properties: { ApiId: { Ref: 'HttpApi' }, ...properties },
  });
  const assembly = await writeAssembly(`${folder.path}/assembly`, {
    data: dataStack,
    pipeline: {
      Resources: {
        ...lambdaFunction('Answer', 'answer'),
        HttpApi: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'hooks', ProtocolType: 'HTTP' } },
        Integration: ofApi('Integration', { IntegrationUri: { 'Fn::GetAtt': ['Answer', 'Arn'] } }),
        Hook: ofApi('Route', {
          RouteKey: 'POST /hooks',
          Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
        }),
        Stage: ofApi('Stage', { DefaultRouteSettings: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 20 } }),
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
const plain = { 'Content-Type': 'text/plain' };

describe('a route', () => {
  it('invokes its function with the request, and returns its answer', async () => {
    const answer = await post('/hooks?x=1', '{"ü":1}', { 'Content-Type': 'application/json', 'X-Signature': 'v1=00' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('x-answer')).toBe('yes');
    expect(await answer.json()).toMatchObject({
      version: '2.0',
      routeKey: 'POST /hooks',
      rawPath: '/hooks',
      headers: { 'content-type': 'application/json', 'x-signature': 'v1=00' },
      body: '{"ü":1}',
      isBase64Encoded: false,
    });
  });

  it('passes a body that is not text as base64', async () => {
    const bytes = new Uint8Array([0, 255, 10]);
    const answer = await post('/hooks', bytes, { 'Content-Type': 'application/octet-stream' });
    expect(await answer.json()).toMatchObject({ body: 'AP8K', isBase64Encoded: true });
  });

  it('answers 500 if the function fails or returns no status', async () => {
    for (const body of ['fail', 'plain']) {
      const failed = await post('/hooks', body, plain);
      expect([failed.status, await failed.json()]).toEqual([500, { message: 'Internal Server Error' }]);
    }
  });

  it('refuses a body that is too large for Lambda', async () => {
    expect((await post('/hooks', 'x'.repeat(7_000_000), plain)).status).toBe(413);
  });

  it('that does not exist is 404', async () => {
    expect((await fetch(`${cloud.apiUrl('http-api')}/hooks`)).status).toBe(404);
    for (const path of ['/nowhere', '/hooks/', '/hooks/%ff']) expect((await post(path, '')).status).toBe(404);
  });

  it('is throttled as its stage configures', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => post('/hooks', '', plain)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 429]));
  });
});

it('refuses a port that is in use', async () => {
  const httpPort = Number(new URL(cloud.apiUrl('http-api')).port);
  const start = startCloud({ assembly: `${folder.path}/assembly`, out: `${folder.path}/other`, httpPort });
  await expect(start).rejects.toThrow(`Port ${httpPort} on 127.0.0.1 is not available (EADDRINUSE).`);
});

it('lets requests pass again as time passes', () => {
  const bucket = new RequestBucket({ rate: 10, burst: 1 });
  expect([0, 50, 100, 5_000, 5_000].map((at) => bucket.take(at))).toEqual([true, false, true, true, false]);
});
