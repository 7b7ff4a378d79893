import { readHashKey } from '../adapters/secrets.ts';
import { type CustomColumns, withCustomColumns } from '../contract/custom-columns.ts';
import type { PersonalChoice } from '../contract/personal-data.ts';
import type { ConvertSettings } from '../core/convert/convert-task.ts';
import { createColumnMask } from '../core/rows/mask-columns.ts';
import { streamNamed } from '../streams/registry.ts';

/** How the rows of a stream are converted in this workspace. */
export async function convertSettings(
  stream: string,
  environment: {
    readonly PERSONAL_DATA: PersonalChoice;
    readonly CUSTOM_COLUMNS: CustomColumns;
    readonly HASH_KEY_SECRET_ARN: string;
  },
): Promise<ConvertSettings> {
  const choice = environment.PERSONAL_DATA;
  const key = choice.hash.length > 0 ? await readHashKey(environment.HASH_KEY_SECRET_ARN) : undefined;
  return {
    stream: withCustomColumns(streamNamed(stream), environment.CUSTOM_COLUMNS),
    mask: createColumnMask(choice, key),
  };
}
