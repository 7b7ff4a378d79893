import { expect, it } from 'vitest';
import { pipelineStateKey } from '../../../lambdas/contract/object-keys.ts';
import type { PersonalChoice } from '../../../lambdas/contract/personal-data.ts';
import { pipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { updateJson } from '../../../lambdas/core/store/stored-json.ts';
import { emptyState } from '../../../lambdas/core/runs/pipeline-state.ts';
import { summaryOf } from '../../../local/cli/summary.ts';
import { currentReport } from '../../../ops/status/current-report.ts';
import { runNotes } from '../../../ops/status/run-notes.ts';
import { ChangingVendor, lead } from '../../support/changing-vendor.ts';

const chosen = (drop: string[], hash: string[] = []): PersonalChoice => ({ drop, hash });

/** A workspace whose `personalData` a test changes between nights. */
function workspace() {
  let choice = chosen([]);
  const vendor = new ChangingVendor(['referrals'], {
    settings: {
      get personalData() {
        return choice;
      },
    },
  });
  vendor.referrals = [lead('a')];
  const { store } = vendor.pipeline;
  const night = (next: PersonalChoice) => {
    choice = next;
    return vendor.night();
  };
  return {
    night,
    unapplied: async (next: PersonalChoice) => (await night(next)).unappliedPersonalData,
    /** What `ops rehash` does to the state when it has rewritten everything. */
    rehash: (personalData: PersonalChoice) =>
      updateJson(store, pipelineStateKey, pipelineState, emptyState, (state) => ({ ...state, personalData })),
  };
}

it('the first night follows what is chosen, so nothing is told', async () => {
  const { unapplied } = workspace();
  expect(await unapplied(chosen(['email'], ['phone']))).toBeUndefined();
  expect(await unapplied(chosen(['email'], ['phone']))).toBeUndefined();
});

it('what is chosen later is told each night until a rehash: rows from before still have it', async () => {
  const { unapplied, rehash } = workspace();
  await unapplied(chosen(['email']));
  expect(await unapplied(chosen(['email', 'leads.company'], ['phone']))).toEqual(['leads.company', 'phone']);
  expect(await unapplied(chosen(['email', 'leads.company'], ['phone']))).toEqual(['leads.company', 'phone']);
  await rehash(chosen(['email', 'leads.company'], ['phone']));
  expect(await unapplied(chosen(['email', 'leads.company'], ['phone']))).toBeUndefined();
});

it('what is chosen again is told, because the nights between have written it', async () => {
  const { unapplied } = workspace();
  await unapplied(chosen(['email']));
  expect(await unapplied(chosen([]))).toBeUndefined();
  expect(await unapplied(chosen(['email']))).toEqual(['email']);
});

it('the end of a run and status say so with the command, and status no longer does after a rehash', async () => {
  const { night, rehash } = workspace();
  await night(chosen([]));
  const report = await night(chosen(['email']));
  const text =
    'personalData has changed: rows and versions from before still have values of email. To drop or hash them there too:';
  const command = 'npx prospect-lake ops rehash --local';
  const terminal = { width: Number.POSITIVE_INFINITY, hasColour: false };
  const opsFlags = ' --local';
  const shown = summaryOf(report, { out: 'out', terminal, allTables: false, opsFlags }).split('\n');
  expect(shown.slice(shown.indexOf(`  ${text}`), shown.indexOf(`  ${text}`) + 2)).toEqual([
    `  ${text}`,
    `    ${command}`,
  ]);
  const notes = (personalData?: PersonalChoice) => {
    const state = personalData ? { personalData } : {};
    return runNotes({ runs: [currentReport(report, [], state)], opsFlags, plans: new Map() }, terminal);
  };
  expect(notes().join('\n')).toContain(`${text}\n    ${command}`);
  expect(notes((await rehash(chosen(['email']))).personalData).join('\n')).not.toContain('personalData');
});
