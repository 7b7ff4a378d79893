import { existsSync, readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { z } from 'zod';
import { type Invocation, invocation, type RuntimeError } from './runtime-messages.ts';

/**
 * What runs in a function's process: loads the handler as Lambda's runtime for Node.js does, and takes one
 * invocation at a time from the embedded cloud. Arguments: task root, handler, folder of the compile cache.
 */

const [taskRoot = '', handlerName = '', cacheFolder] = process.argv.slice(2);
enableCompileCache(cacheFolder);
// A cloud that was killed leaves no processes behind.
process.on('disconnect', () => process.exit(1));

const handler = loadHandler();
handler.catch((error: unknown) => {
  process.send?.({ type: 'failed', error: describe(error), ends: true }, () => process.exit(1));
});

process.on('message', (message) => void take(invocation.parse(message)));

async function take(parsed: Invocation): Promise<void> {
  const call = await handler.catch(() => undefined);
  if (!call) return;
  try {
    const answer = await call(JSON.parse(parsed.payload), contextOf(parsed));
    reply({ type: 'succeeded', payload: JSON.stringify(answer) ?? 'null', peakBytes: peakBytes() });
  } catch (error) {
    process.stderr.write(`${inspect(error)}\n`);
    reply({ type: 'failed', error: describe(error), peakBytes: peakBytes() });
  }
}

function reply(message: unknown): void {
  process.send?.(message);
}

type Handler = (event: unknown, context: unknown) => unknown;

const namespace = z.record(z.string(), z.unknown());

async function loadHandler(): Promise<Handler> {
  const [file = '', exported = ''] = handlerName.split('.');
  const paths = ['.mjs', '.js', '.cjs'].map((extension) => join(taskRoot, `${file}${extension}`));
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw named('Runtime.ImportModuleError', `Cannot find module ${paths[0]}`);
  const module: unknown = await import(pathToFileURL(path).href);
  const found = z.looseObject({ default: namespace.catch({}) }).parse(Object.assign({}, module));
  const value = found[exported] ?? found.default[exported];
  if (isHandler(value)) return value;
  throw named('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function contextOf({ requestId, deadline, functionArn, traceId }: Invocation) {
  process.env._X_AMZN_TRACE_ID = traceId;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function describe(error: unknown): RuntimeError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/**
 * The most memory that this process has held. `resourceUsage` would do, but on Linux a child begins with
 * its parent's peak.
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
