import type { ExportJobs } from '../exports.ts';
import type { Operation } from '../operations.ts';
import type { SimulatorSettings } from '../options.ts';
import type { Body } from '../paging.ts';
import type { FalseAnswers } from '../false-answers.ts';
import type { Webhooks } from '../webhooks.ts';
import type { Workspace } from '../workspace.ts';

/** The parts of the simulator that the routes use. */
export interface Sources {
  readonly workspace: Workspace;
  readonly exports: ExportJobs;
  readonly webhooks: Webhooks;
  readonly falseAnswers: FalseAnswers;
}

/** A request, and the parts that answer it. */
export interface Context extends Sources {
  readonly settings: SimulatorSettings;
  readonly operation: Operation;
  /** Path below the base path, as requested. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed body; undefined if it is empty. */
  readonly body: unknown;
}

/** Answers the requests of one operation. @throws Problem if the request is refused */
export type Route = (context: Context) => Body | Promise<Body>;

export type Routes = Readonly<Record<string, Route>>;

/**
 * The value of a path parameter.
 * @throws RangeError if the operation's path does not have it
 */
export function parameter({ parameters, operation }: Context, name: string): string {
  const value = parameters[name];
  if (value === undefined) throw new RangeError(`${operation.path} has no parameter ${name}.`);
  return value;
}
