/**
 * The context that Lambda's runtime gives a handler, and the form in which it reports an error. Imports no package, so
 * that a function's process starts fast.
 */

import type { Invocation, RuntimeError } from './runtime-messages.ts';

export function contextOf({ requestId, deadline, functionArn, traceId }: Invocation, environment: NodeJS.ProcessEnv) {
  environment['_X_AMZN_TRACE_ID'] = traceId;
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: environment['AWS_LAMBDA_FUNCTION_VERSION'],
    invokedFunctionArn: functionArn,
    memoryLimitInMB: environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: environment['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: environment['AWS_LAMBDA_LOG_STREAM_NAME'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

export function describeError(error: unknown): RuntimeError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
