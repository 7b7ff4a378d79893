import { readForgottenRows } from '../../lambdas/core/rows/forgotten-rows.ts';
import { counted } from '../../lambdas/core/runs/counted.ts';
import type { Damage } from '../lake/damage.ts';
import type { Target } from '../target.ts';

/** What no forgetting reaches, so that a person has to see to it. */
export const leftToYou =
  'What is left to you: delete the person in ProspectB2B, and let the API confirm it with npx prospect-lake ops forget --confirm. Delete copies outside of this lake, such as export files, a warehouse and models of your own. The ids stand only where you keep them: in your record of the request, the output of ops forget, the history of your shell, and the file of --file';

/** What `ops status` says as long as digests of forgotten rows are kept; undefined if there are none, or nobody may know. */
export async function rememberedText({ store }: Pick<Target, 'store'>, damage: Damage): Promise<string | undefined> {
  try {
    const forgotten = await damage.skipIfDamaged(() => readForgottenRows(store));
    const rows = Object.values(forgotten?.rows ?? {});
    if (rows.length === 0) return undefined;
    const last = rows.map(({ at }) => at).reduce((one, other) => (one > other ? one : other));
    return `Forgotten, last on ${last.slice(0, 10)}: ${counted(rows.length, 'row')} that no run stores again. ${leftToYou}. This stands until the digests of these rows are released: docs/personal-data.md`;
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('AccessDenied')) throw error;
    return undefined;
  }
}
