import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { localPage } from './run-pipeline.ts';

const pollMilliseconds = 50;
/** Publish writes the page right after the report. Past this it could not, or was ended. */
const mostPolls = 200;

/** Waits for the page that tells of a run. @returns its path; undefined if it does not come */
export async function writtenPage(out: string, runId: string): Promise<string | undefined> {
  const path = join(out, localPage);
  for (let poll = 0; poll < mostPolls; poll += 1) {
    const page = await readFile(path, 'utf8').catch(() => '');
    if (page.includes(runId)) return path;
    await wait(pollMilliseconds);
  }
  return undefined;
}
