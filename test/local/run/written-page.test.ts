import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { emptyPageState, withRun } from '../../../lambdas/core/page/page-state.ts';
import { renderPage } from '../../../lambdas/core/page/render-page.ts';
import { writtenPage } from '../../../local/run/written-page.ts';
import { nightAfter, pageSettings } from '../../support/page-nights.ts';

const out = mkdtempSync(join(tmpdir(), 'written-page-'));
afterAll(() => rmSync(out, { recursive: true }));

it('a page that only names a run as the one that asks again is not yet the page of that run', async () => {
  const confirmed = nightAfter(0.5, { kind: 'confirm' });
  const { runId } = confirmed.report;
  const night = nightAfter(0, { tables: { leads: { rowsSuspected: 2 } } });
  let state = withRun(emptyPageState, { ...night, report: { ...night.report, confirmRunId: runId } });
  const path = join(out, 'index.html');
  const write = () => writeFileSync(path, renderPage(state, pageSettings, '%content%', new Date()));
  write();
  const page = writtenPage(out, runId);
  expect(await Promise.race([page, wait(200, 'not yet')])).toBe('not yet');
  state = withRun(state, confirmed);
  write();
  expect(await page).toBe(path);
});
