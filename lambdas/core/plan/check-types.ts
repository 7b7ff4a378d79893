import type { Failure } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { PipelineError } from '../errors.ts';
import { checkColumns } from '../iceberg/check-columns.ts';
import type { ReadableStore } from '../ports.ts';

/**
 * `cdk deploy` does not look at the tables. A run whose custom columns have another type there would read everything, and
 * could not publish it.
 * @returns why the run must not read; undefined if it may
 */
export async function checkTypes(streams: readonly Stream[], store: ReadableStore): Promise<Failure | undefined> {
  const added = streams.filter(({ columns }) => Object.values(columns).some(({ isCustom }) => isCustom));
  try {
    await checkColumns(store, added);
    return undefined;
  } catch (error) {
    if (error instanceof PipelineError) return error.toFailure();
    throw error;
  }
}
