/**
 * Runs in a function's process. It loads the handler as Lambda's runtime for Node.js does, and takes one invocation at
 * a time from the embedded cloud. Arguments: task root, handler. It imports no package: loading zod would take longer
 * than loading the handler.
 */

import { existsSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { fieldOf, type Handler, importHandler } from './import-handler.ts';
import { contextOf, describeError } from './invocation.ts';
import { peakBytes } from './peak-memory.ts';
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
  // Node writes its compile cache only when a process exits by itself, but the embedded cloud ends processes with
  // SIGKILL.
  flushCompileCache();
}

function reply(message: unknown): void {
  process.send?.(message);
}

async function loadHandler(): Promise<Handler> {
  const [file = '', exported = ''] = handlerName.split('.');
  const paths = ['.mjs', '.js', '.cjs'].map((extension) => join(taskRoot, `${file}${extension}`));
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw named('Runtime.ImportModuleError', `Cannot find module ${paths[0]}`);
  const found = await importHandler(pathToFileURL(path).href, exported);
  if (found) return found;
  throw named('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
