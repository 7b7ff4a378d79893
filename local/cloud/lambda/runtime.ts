/**
 * Runs in a function's process. It loads the handler as Lambda's runtime for Node.js does, and takes one invocation at
 * a time from the embedded cloud. Arguments: task root, handler. It imports no package: loading zod would take longer
 * than loading the handler.
 */

import { existsSync, readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { contextOf, describeError } from './invocation.ts';
import { reportRequests } from './report-requests.ts';
import type { Invocation } from './runtime-messages.ts';

const [taskRoot = '', handlerName = ''] = process.argv.slice(2);
// The embedded cloud sets this variable; on Lambda the function does not have it.
delete process.env['NODE_COMPILE_CACHE'];
// If the embedded cloud is killed, this process ends too.
process.on('disconnect', () => process.exit(1));

const apiBaseUrl = process.env['API_BASE_URL'];
if (apiBaseUrl) reportRequests(apiBaseUrl, reply);

const handler = loadHandler();
handler.catch((error: unknown) => {
  process.send?.({ type: 'failed', error: describeError(error), ends: true }, () => process.exit(1));
});

process.on('message', (message) => {
  if (!isInvocation(message)) throw new TypeError('The embedded cloud sent what is no invocation.');
  void take(message);
});

function isInvocation(message: unknown): message is Invocation {
  const texts = ['requestId', 'functionArn', 'traceId', 'payload'];
  return (
    texts.every((name) => typeof fieldOf(message, name) === 'string') &&
    typeof fieldOf(message, 'deadline') === 'number'
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

let isCompiledKept = false;

async function take(invocation: Invocation): Promise<void> {
  const call = await handler.catch(() => undefined);
  if (!call) return;
  try {
    const answer = await call(JSON.parse(invocation.payload), contextOf(invocation, process.env));
    reply({ type: 'succeeded', payload: JSON.stringify(answer) ?? 'null', peakBytes: peakBytes() });
  } catch (error) {
    process.stderr.write(`${inspect(error)}\n`);
    reply({ type: 'failed', error: describeError(error), peakBytes: peakBytes() });
  }
  if (isCompiledKept) return;
  isCompiledKept = true;
  // Node flushes the cache only when a process exits by itself, but the embedded cloud ends processes with SIGKILL.
  flushCompileCache();
}

function reply(message: unknown): void {
  process.send?.(message);
}

type Handler = (event: unknown, context: unknown) => unknown;

async function loadHandler(): Promise<Handler> {
  const [file = '', exported = ''] = handlerName.split('.');
  const paths = ['.mjs', '.js', '.cjs'].map((extension) => join(taskRoot, `${file}${extension}`));
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw named('Runtime.ImportModuleError', `Cannot find module ${paths[0]}`);
  const module: unknown = await import(pathToFileURL(path).href);
  const value = fieldOf(module, exported) ?? fieldOf(fieldOf(module, 'default'), exported);
  if (isHandler(value)) return value;
  throw named('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/**
 * Peak memory of this process. `resourceUsage` is not used on Linux: there a child process starts with the peak of its
 * parent.
 */
function peakBytes(): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kibibytes !== undefined) return Number(kibibytes) * 1_024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1_024;
}
