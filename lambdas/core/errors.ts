/** Errors of the pipeline. Other code branches on `code`, and the report shows it. */

import type { Failure } from '../contract/run.ts';
import { DamagedObjectError } from './store/stored-object.ts';

/**
 * What happens to the work that met an error:
 * - `transient`: the same work may succeed later; the message is retried
 * - `terminal`: the work cannot succeed as it is; this task fails, the rest continues
 * - `fatal`: nothing of this run can succeed; the run stops at once
 */
export type Disposition = 'transient' | 'terminal' | 'fatal';

export interface ErrorDetails {
  readonly stream?: string;
  readonly requestId?: string | null;
  readonly status?: number;
  readonly cause?: unknown;
}

export abstract class PipelineError extends Error {
  abstract readonly code: string;
  abstract readonly disposition: Disposition;
  readonly stream: string | undefined;
  readonly requestId: string | null;
  readonly status: number | undefined;

  /** @param message what happened, and what to do; never contains a secret or personal data */
  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.stream = details.stream;
    this.requestId = details.requestId ?? null;
    this.status = details.status;
  }

  toFailure(): Failure {
    return { code: this.code, message: this.message, requestId: this.requestId };
  }
}

/** 401: the key is missing, malformed, revoked or expired. */
export class UnauthorizedError extends PipelineError {
  readonly code = 'unauthorized';
  readonly disposition = 'fatal';
}

/** 403: the key lacks a scope, or the member whose key it is lacks a permission. */
export class ForbiddenError extends PipelineError {
  readonly code = 'forbidden';
  readonly disposition = 'terminal';
}

/** 404 or 410: no such resource. Whether that is an error depends on the request. */
export class NotFoundError extends PipelineError {
  readonly code = 'not_found';
  readonly disposition = 'terminal';

  /** True if the API says (410) that the resource was deleted; a 404 may be a mistake. */
  get isGone(): boolean {
    return this.status === 410;
  }
}

/** The API no longer accepts the cursor of a later page of a list. */
export class ExpiredCursorError extends PipelineError {
  readonly code = 'expired_cursor';
  readonly disposition = 'terminal';
}

/** 409: an Idempotency-Key was reused with another body, which is a bug of this pipeline. */
export class ConflictError extends PipelineError {
  readonly code = 'idempotency_conflict';
  readonly disposition = 'terminal';
}

/** Any other 4xx: the request itself is refused. */
export class RequestRefusedError extends PipelineError {
  readonly code = 'request_refused';
  readonly disposition = 'terminal';

  /** True if the resource has moved (301, 308), as after two leads were merged. */
  get isMoved(): boolean {
    return this.status === 301 || this.status === 308;
  }
}

/** The API gave an answer that does not fit into the memory of the function. Asking again would not help. */
export class AnswerTooLargeError extends PipelineError {
  readonly code = 'answer_too_large';
  readonly disposition = 'terminal';
}

/** A rate limit, quota or announced outage that lasts longer than a function should wait. */
export class RateLimitedError extends PipelineError {
  readonly code = 'rate_limited';
  readonly disposition = 'transient';
  /** The wait in seconds from now, and when it ends. */
  readonly retryAfterSeconds: number;
  readonly until: Date;

  constructor(message: string, details: ErrorDetails & { retryAfterSeconds: number; now: Date }) {
    super(message, details);
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.until = new Date(details.now.getTime() + details.retryAfterSeconds * 1_000);
  }

  /** True if the API is out of service (503), which may last for ever; a rate limit ends. */
  get isOutage(): boolean {
    return this.status === 503;
  }
}

/** 5xx, an unreachable address, a reset, a time-out, or a truncated answer, after all retries. */
export class UnavailableError extends PipelineError {
  readonly code = 'unavailable';
  readonly disposition = 'transient';
}

/**
 * An answer that is not JSON, after all retries, or does not match the API's OpenAPI document: it may have been
 * truncated or mixed up in transit.
 */
export class MalformedAnswerError extends PipelineError {
  readonly code = 'malformed_answer';
  readonly disposition = 'transient';
}

/**
 * Paging that cannot end: a repeated cursor, a promise of more pages without a way to reach them, or too many pages.
 */
export class PagingError extends PipelineError {
  readonly code = 'paging';
  readonly disposition = 'terminal';
}

/** An export file that is damaged, has an unknown form, or is larger than any export. */
export class ExportFileError extends PipelineError {
  readonly code = 'export_file';
  readonly disposition = 'terminal';
}

/** A secret of the workspace is empty, unreadable or damaged: nothing can succeed until an operator fixes it. */
export class SecretError extends PipelineError {
  readonly code = 'secret';
  readonly disposition = 'fatal';
}

/** A value that does not have its column's type reached the Parquet writer, which is a bug of this pipeline. */
export class ColumnValueError extends PipelineError {
  readonly code = 'column_value';
  readonly disposition = 'terminal';
}

/** A stream's declaration changed in a way that the current table cannot follow without losing values. */
export class SchemaChangeError extends PipelineError {
  readonly code = 'schema_change';
  readonly disposition = 'terminal';
}

/** What to do about a damaged object. Follows what is wrong with it. */
export const damagedAdvice =
  ' What is damaged, and how it is read again: npx prospect-lake ops audit --repair. The bucket of a deployed lake also keeps its previous version for 14 days.';

/**
 * Converts any thrown value to a failure for a receipt. The message of a foreign error may hold personal data, so only
 * the error's name is used.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof PipelineError) return error.toFailure();
  if (error instanceof DamagedObjectError)
    return {
      code: 'damaged_object',
      message: `${error.key} ${error.fault}.${damagedAdvice}`,
      requestId: null,
    };
  const name = error instanceof Error ? error.name : typeof error;
  return {
    code: 'internal',
    message: `An unexpected ${name} stopped this work; the function's log has its stack.`,
    requestId: null,
  };
}

/** Stack frames of an error, without its message: the message of a foreign error may hold personal data. */
export function stackFrames(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack?.split('\n') ?? []) : [];
  return lines.filter((line) => line.startsWith('    at ')).map((line) => line.trim());
}
