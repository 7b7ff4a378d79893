import type { Failure } from '../contract/run.ts';

/**
 * Errors of the pipeline. `code` is what code branches on and what the report shows; `disposition`
 * says what becomes of the work:
 * - `transient`: the same work may succeed later; the message is tried again
 * - `terminal`: it cannot succeed as it is; this task fails, the rest goes on
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

  /** @param message what happened, and what to do; never a secret or a person's data */
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

/** 403: the key lacks a scope, or the member a permission. */
export class ForbiddenError extends PipelineError {
  readonly code = 'forbidden';
  readonly disposition = 'terminal';
}

/** 404 or 410: no such resource. Whether that is an error depends on what was asked. */
export class NotFoundError extends PipelineError {
  readonly code = 'not_found';
  readonly disposition = 'terminal';

  /** Whether the API says (410) that the resource was there and is deleted; a 404 may be a slip. */
  get isGone(): boolean {
    return this.status === 410;
  }
}

/** A later page of a list that the API no longer knows. */
export class ExpiredCursorError extends PipelineError {
  readonly code = 'expired_cursor';
  readonly disposition = 'terminal';
}

/** 409: an Idempotency-Key was reused with another body: a bug of ours. */
export class ConflictError extends PipelineError {
  readonly code = 'idempotency_conflict';
  readonly disposition = 'terminal';
}

/** Any other 4xx: the request itself is refused. */
export class RequestRefusedError extends PipelineError {
  readonly code = 'request_refused';
  readonly disposition = 'terminal';

  /** Whether what was asked for is another resource now (301, 308), as after two leads were merged. */
  get isMoved(): boolean {
    return this.status === 301 || this.status === 308;
  }
}

/** An answer that is larger than a function can hold. */
export class AnswerTooLargeError extends PipelineError {
  readonly code = 'answer_too_large';
  readonly disposition = 'terminal';
}

/** A rate limit or a quota, for longer than a function should wait. */
export class RateLimitedError extends PipelineError {
  readonly code = 'rate_limited';
  readonly disposition = 'transient';
  /** From now on, and until when that is. */
  readonly retryAfterSeconds: number;
  readonly until: Date;

  constructor(message: string, details: ErrorDetails & { retryAfterSeconds: number; now: Date }) {
    super(message, details);
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.until = new Date(details.now.getTime() + details.retryAfterSeconds * 1_000);
  }
}

/** 5xx, an address that cannot be reached, reset, time-out, or an answer that is cut off, after its retries. */
export class UnavailableError extends PipelineError {
  readonly code = 'unavailable';
  readonly disposition = 'transient';
}

/** An answer that is not JSON, after its retries, or not what the contract says: it may have been cut or mixed up on the way. */
export class MalformedAnswerError extends PipelineError {
  readonly code = 'malformed_answer';
  readonly disposition = 'transient';
}

/** Paging that cannot end: a repeated cursor, more pages promised without a way to them, or too many. */
export class PagingError extends PipelineError {
  readonly code = 'paging';
  readonly disposition = 'terminal';
}

/** An export file that is damaged, of no known form, or larger than any export is. */
export class ExportFileError extends PipelineError {
  readonly code = 'export_file';
  readonly disposition = 'terminal';
}

/** A secret of the workspace is empty, cannot be read or is damaged: nothing can succeed until a person mends it. */
export class SecretError extends PipelineError {
  readonly code = 'secret';
  readonly disposition = 'fatal';
}

/** A value that is not of its column's type reached the Parquet writer: a bug of ours. */
export class ColumnValueError extends PipelineError {
  readonly code = 'column_value';
  readonly disposition = 'terminal';
}

/** A declaration changed in a way that the current table cannot follow without losing values. */
export class SchemaChangeError extends PipelineError {
  readonly code = 'schema_change';
  readonly disposition = 'terminal';
}

/** What any thrown value says in a receipt: a person's data could stand in a foreign error's message, so only its name is told. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PipelineError) return error.toFailure();
  const name = error instanceof Error ? error.name : typeof error;
  return {
    code: 'internal',
    message: `An unexpected ${name} stopped this work; the function's log has its stack.`,
    requestId: null,
  };
}

/** Where an error happened, without its message: a foreign error's could hold a person's data. */
export function stackFrames(error: unknown): string[] {
  const lines = error instanceof Error ? (error.stack?.split('\n') ?? []) : [];
  return lines.filter((line) => line.startsWith('    at ')).map((line) => line.trim());
}
