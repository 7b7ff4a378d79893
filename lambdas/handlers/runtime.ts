import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { readApiKey } from '../adapters/secrets.ts';
import { createHttpApi } from '../adapters/http-api.ts';
import { type FunctionName, readEnvironment, serviceName } from '../contract/environment.ts';
import { planKey } from '../contract/object-keys.ts';
import { type Plan, plan } from '../contract/run.ts';
import type { Api, Clock, Deadline, Log, ObjectStore } from '../core/ports.ts';
import { createLimiter } from '../core/rate-limiter.ts';
import { readJson } from '../core/stored-json.ts';

/** What every handler of a function is made with, once per process. */

export const logger = new Logger({ serviceName });
export const clock: Clock = { now: () => new Date() };

export function environmentOf<F extends FunctionName>(name: F) {
  return readEnvironment(name, process.env);
}

export function deadlineOf(context: Context): Deadline {
  return { remainingMilliseconds: () => context.getRemainingTimeInMillis() };
}
