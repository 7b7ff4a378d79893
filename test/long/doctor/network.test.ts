/** The doctor as a process in company networks: with their own certificate authorities, and with various proxies. */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type ForeignApi, startForeignApi } from '../../doctor/foreign-api.ts';
import { endOf } from '../../support/start-process.ts';

vi.setConfig({ testTimeout: 60_000 });

const program = resolve(import.meta.dirname, '../../../bin/prospect-lake.js');
const folder = mkdtempSync(join(tmpdir(), 'doctor-tls-'));
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
/** A name that only the proxy can reach. */
const inside = 'workspace.invalid';
let api: ForeignApi;
let tls: Server;
let secure: number;
/** What a proxy answers to CONNECT: a status, or 200 if it connects. */
let mood = 200;
let proxy: Server;
let proxyPort: number;

beforeAll(async () => {
  const subject = ['-subj', `/CN=${inside}`, '-addext', `subjectAltName=DNS:${inside},IP:127.0.0.1`];
  const pair = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...pair, ...subject], { stdio: 'ignore' });
  api = await startForeignApi();
  tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, api.handle);
  secure = await listening(tls);
  proxy = createServer();
  proxy.on('connect', (_, client) => {
    if (mood !== 200) {
      client.end(`HTTP/1.1 ${mood} No\r\n\r\n`);
      return;
    }
    const upstream = connect(secure, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const side of [client, upstream]) side.on('error', () => {});
  });
  proxyPort = await listening(proxy);
});
afterAll(async () => {
  proxy.close();
  tls.close();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const answer = z.object({
  findings: z.array(z.looseObject({ area: z.string(), says: z.string(), todo: z.string().optional() })),
});

/** What the doctor says about the network, in one request. */
async function network(url: string, environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, 'doctor', '--json', '--requests', '1'], {
    env: {
      PATH: process.env['PATH'],
      PROSPECTB2B_API_URL: `${url}/api/public/v1`,
      PROSPECTB2B_API_KEY: api.key,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { code, stdout, stderr } = await endOf(child);
  const [found] = answer.parse(JSON.parse(stdout || stderr)).findings.filter(({ area }) => area === 'network');
  return { code, says: found?.says, todo: found?.todo };
}

const proxyUrl = () => `http://somebody:pass-word@127.0.0.1:${proxyPort}`;

describe('a certificate that this machine does not know', () => {
  it('is named, with the variable that makes its CA known', async () => {
    expect(await network(`https://127.0.0.1:${secure}`)).toEqual({
      code: 2,
      says: `The certificate of 127.0.0.1:${secure} is signed by itself, so it is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT).`,
      todo: expect.stringContaining('set NODE_EXTRA_CA_CERTS to the file of its CA (PEM)'),
    });
  });

  it('is trusted once that variable names it', async () => {
    const { code, says } = await network(`https://127.0.0.1:${secure}`, { NODE_EXTRA_CA_CERTS: certificate });
    expect([code, says]).toEqual([1, `https://127.0.0.1:${secure}/api/public/v1 answers`]);
  });

  it('stays unknown if that file cannot be read, and the doctor says so', async () => {
    const { code, says } = await network(`https://127.0.0.1:${secure}`, {
      NODE_EXTRA_CA_CERTS: join(folder, 'none.pem'),
    });
    expect([code, says]).toEqual([
      2,
      'The file that NODE_EXTRA_CA_CERTS names cannot be read, so its CA is not trusted.',
    ]);
  });
});

describe('a proxy', () => {
  it('is used for a name that only it can reach', async () => {
    mood = 200;
    const environment = { HTTPS_PROXY: proxyUrl(), NODE_EXTRA_CA_CERTS: certificate };
    expect(await network(`https://${inside}`, environment)).toMatchObject({
      code: 1,
      says: `https://${inside}/api/public/v1 answers`,
    });
  });

  it.each<[number, string, string]>([
    [407, 'wants a user and a password (407).', 'HTTPS_PROXY=http://user:password@host:port'],
    [403, `does not let requests through to ${inside} (403).`, `allow ${inside}`],
  ])('that answers %d is named, without its password', async (status, says, todo) => {
    mood = status;
    const told = await network(`https://${inside}`, { HTTPS_PROXY: proxyUrl() });
    expect(told).toEqual({
      code: 2,
      says: `The proxy 127.0.0.1:${proxyPort} ${says}`,
      todo: expect.stringContaining(todo),
    });
  });

  it('that does not run is named, and not the API', async () => {
    const told = await network(`https://${inside}`, { HTTPS_PROXY: 'http://127.0.0.1:9' });
    expect(told).toMatchObject({
      code: 2,
      says: `The proxy 127.0.0.1:9 cannot be reached (ECONNREFUSED), so ${inside} was not asked.`,
    });
  });
});

describe('without a network', () => {
  it('a name that cannot be looked up is named', async () => {
    const { code, says } = await network(`https://${inside}`);
    expect([code, says]).toEqual([
      2,
      expect.stringMatching(
        /^(The name workspace\.invalid does not exist|No name server answers, so workspace\.invalid)/,
      ),
    ]);
  });

  it('a server that speaks no TLS is named', async () => {
    const { says } = await network(api.url.replace('http:', 'https:').replace('/api/public/v1', ''));
    expect(says).toMatch(/^127\.0\.0\.1:\d+ does not speak TLS at this port\.$/);
  });
});
