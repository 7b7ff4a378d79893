import { resolve } from 'node:path';

/** Environment variables that name this machine's proxy, and the certificates that this machine trusts. */
const certificates = ['NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR'] as const;
const proxies = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const;

/**
 * Environment variables that let a function reach the API as this machine does: through a company's proxy, and trusting
 * the company's own certificates. The embedded cloud is never reached through a proxy.
 */
export function networkEnvironment(own: NodeJS.ProcessEnv): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of [...certificates, ...proxies]) if (own[name]) environment[name] = own[name];
  // Made absolute, because each function has its own working folder.
  if (own['NODE_EXTRA_CA_CERTS']) environment['NODE_EXTRA_CA_CERTS'] = resolve(own['NODE_EXTRA_CA_CERTS']);
  if (!proxies.some((name) => environment[name])) return environment;
  const direct = [own['NO_PROXY'] ?? own['no_proxy'], '127.0.0.1', 'localhost'].filter(Boolean).join(',');
  return { ...environment, NODE_USE_ENV_PROXY: '1', NO_PROXY: direct, no_proxy: direct };
}

/** Lets requests of this process to the API use the proxy that its environment variables name. */
export function useProxy(own: NodeJS.ProcessEnv): void {
  const environment = networkEnvironment(own);
  if (environment['NODE_USE_ENV_PROXY']) process.getBuiltinModule('node:http').setGlobalProxyFromEnv(environment);
}
