/** Says in words why a request got no answer, and what to do. */

import { isUntrustedCode } from '../../lambdas/core/api/tls-codes.ts';

/** Says what is wrong with a connection, and what a person can do. */
export interface ConnectionWords {
  readonly says: string;
  readonly todo: string;
}

const setProxy = 'If this machine reaches the internet only through a proxy, set HTTPS_PROXY to its address.';
const nameOwnCa =
  'If a proxy of your company stands in between, set NODE_EXTRA_CA_CERTS to the file of its CA (PEM). Otherwise check the address.';

/** Messages by error code of Node, OpenSSL or undici. `{host}` is replaced by the host of the request. */
const words: Readonly<Record<string, ConnectionWords>> = {
  ENOTFOUND: {
    says: 'The name {host} does not exist, as far as this machine can tell.',
    todo: `Check the address for a typing error. ${setProxy}`,
  },
  EAI_AGAIN: {
    says: 'No name server answers, so {host} cannot be looked up.',
    todo: `Check that this machine has a network. ${setProxy}`,
  },
  ECONNREFUSED: {
    says: 'Nothing listens at {host}: the connection was refused.',
    todo: 'Check the address and its port.',
  },
  ENETUNREACH: { says: 'There is no way to {host} from this network.', todo: `Check the network. ${setProxy}` },
  EHOSTUNREACH: { says: 'There is no way to {host} from this network.', todo: `Check the network. ${setProxy}` },
  ETIMEDOUT: { says: '{host} does not answer in time.', todo: `A firewall may drop the packets. ${setProxy}` },
  TimeoutError: {
    says: '{host} accepts the connection, but does not answer in time.',
    todo: 'Check the address: something else than the API may listen there. If it is right, try again later.',
  },
  ECONNRESET: {
    says: '{host} broke the connection off.',
    todo: 'A firewall or proxy may do this. Try again; if it lasts, ask whoever runs the network.',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    says: 'The certificate of {host} is signed by itself, so it is not trusted ({code}).',
    todo: nameOwnCa,
  },
  SELF_SIGNED_CERT_IN_CHAIN: {
    says: 'The certificate of {host} comes from a CA that this machine does not know ({code}).',
    todo: nameOwnCa,
  },
  CERT_HAS_EXPIRED: {
    says: 'The certificate of {host} has expired.',
    todo: "Check this machine's clock. If it is right, the server has to renew its certificate.",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    says: 'The certificate that answers for {host} is for another name.',
    todo: 'Check the address. A login page of the network may stand in between.',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    says: '{host} does not speak TLS at this port.',
    todo: 'Check https or http and the port in the address, and the address of the proxy.',
  },
};

const sameAs: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'ETIMEDOUT',
  UND_ERR_HEADERS_TIMEOUT: 'TimeoutError',
  UND_ERR_BODY_TIMEOUT: 'TimeoutError',
  UND_ERR_SOCKET: 'ECONNRESET',
  EPIPE: 'ECONNRESET',
  EPROTO: 'ERR_SSL_WRONG_VERSION_NUMBER',
};

/**
 * Explains why a request got no answer.
 * @param error what fetch or Node's HTTP client threw
 * @param url address that was asked
 * @param environment may name a proxy
 */
export function connectionWords(error: unknown, url: string, environment: NodeJS.ProcessEnv): ConnectionWords {
  const { host, protocol, hostname } = new URL(url);
  const proxy = proxyOf(protocol, hostname, environment);
  const refused = refusedByProxy(error);
  if (proxy !== undefined && refused !== undefined) return proxyRefusal(proxy, refused, host);
  const code = errorCode(error);
  if (proxy !== undefined && proxyFaults.has(code)) return proxyUnreachable(proxy, host, code);
  if (isBlockedPort(error))
    return {
      says: `The port of ${host} cannot be asked: Node blocks it, as browsers do.`,
      todo: 'Check the port in the address.',
    };
  const found = words[sameAs[code] ?? code] ?? {
    says: isUntrustedCode(code)
      ? 'The certificate of {host} is not trusted ({code}).'
      : '{host} does not answer ({code}).',
    todo: isUntrustedCode(code) ? nameOwnCa : 'Check the address and the network.',
  };
  return { ...found, says: found.says.replace('{host}', host).replace('{code}', code) };
}

/** Ports that fetch never asks: https://fetch.spec.whatwg.org/#port-blocking. The error has no code. */
function isBlockedPort(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message === 'bad port';
}

/** The code of a Node error, even if fetch wrapped that error; the error's name if it has no code. */
export function errorCode(error: unknown): string {
  const wrapped = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  // A name with several addresses fails with one error for each.
  const cause = wrapped instanceof AggregateError ? (wrapped.errors[0] as unknown) : wrapped;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.name : 'unknown error';
}

/** If a request goes through a proxy, these codes are about the proxy: Node resolves and connects to nothing else. */
const proxyFaults: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH']);

/** Host of the proxy that a request goes through; undefined if it goes directly. */
function proxyOf(protocol: string, hostname: string, environment: NodeJS.ProcessEnv): string | undefined {
  const names = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  const proxy = names.map((name) => environment[name]).find(Boolean);
  const direct = (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').split(/[\s,]+/);
  const isDirect = [...direct, 'localhost', '127.0.0.1'].some((name) => name === '*' || name === hostname);
  return proxy === undefined || isDirect ? undefined : hostOf(proxy);
}

/** The host and port alone: a proxy's address may hold a password. */
function hostOf(proxy: string): string {
  return URL.canParse(proxy) ? new URL(proxy).host : 'named in HTTPS_PROXY';
}

/** The status with which a proxy refused to open a connection. */
function refusedByProxy(error: unknown): string | undefined {
  for (let each: unknown = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth += 1) {
    if ('code' in each && each.code === 'ERR_PROXY_TUNNEL' && 'statusCode' in each) return String(each.statusCode);
    // fetch says it in words alone.
    const status = /Proxy response \((\d{3})\)/.exec(each.message)?.[1];
    if (status !== undefined) return status;
  }
  return undefined;
}

function proxyRefusal(proxy: string, status: string, host: string): ConnectionWords {
  return status === '407'
    ? {
        says: `The proxy ${proxy} wants a user and a password (407).`,
        todo: 'Write them into the address: HTTPS_PROXY=http://user:password@host:port.',
      }
    : {
        says: `The proxy ${proxy} does not let requests through to ${host} (${status}).`,
        todo: `Ask whoever runs the proxy to allow ${host}, or name the host in NO_PROXY if it can be reached directly.`,
      };
}

function proxyUnreachable(proxy: string, host: string, code: string): ConnectionWords {
  return {
    says: `The proxy ${proxy} cannot be reached (${code}), so ${host} was not asked.`,
    todo: 'Check HTTPS_PROXY, or unset it if this network needs no proxy.',
  };
}
