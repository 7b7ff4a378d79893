import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { localPageKey } from '../../lambdas/contract/object-keys.ts';
import { listedRunId } from '../../lambdas/core/page/runs-section.ts';

const pollMilliseconds = 50;
/**
 * Number of polls before giving up. Publish writes the page right after the report, unless it failed or was stopped.
 */
const mostPolls = 200;

/**
 * Waits for the page that lists a run: an earlier page may only say that it comes next.
 * @returns its path; undefined if the page is not written
 */
export async function writtenPage(out: string, runId: string): Promise<string | undefined> {
  const path = join(out, localPageKey);
  for (let poll = 0; poll < mostPolls; poll += 1) {
    const page = await readFile(path, 'utf8').catch(() => '');
    if (page.includes(listedRunId(runId).text)) return path;
    await wait(pollMilliseconds);
  }
  return undefined;
}
