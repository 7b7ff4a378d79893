import { describe, expect, it } from 'vitest';
import { reportKey } from '../../../lambdas/contract/object-keys.ts';
import { runReport } from '../../../lambdas/contract/run-report.ts';
import { readJson } from '../../../lambdas/core/store/stored-json.ts';
import { recentRuns } from '../../../ops/lake/recent-runs.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { statusLines } from '../../../ops/status/status-lines.ts';
import { AuditWorld } from '../../support/audit-world.ts';
import { calm, night } from '../../support/status-facts.ts';
import { tableReport } from '../../support/table-report.ts';

it('a rejected row may be read by another version unless the API gives no key for it', async () => {
  const world = new AuditWorld(['imports']);
  const ids = ['null', '""', 'true'];
  world.respell = (path, text) =>
    path === '/imports' ? text.replaceAll(/"id":"[^"]*"/g, (id) => `"id":${ids.shift() ?? id.slice(5)}`) : text;
  await world.load();
  expect(ids).toEqual([]);
  const { store } = world.pipeline;
  const first = (await recentRuns(store, world.clock.now(), 7)).at(-1);
  const report = (await readJson(store, reportKey(first?.runId ?? ''), runReport))?.value;
  expect(report?.tables['imports']).toMatchObject({ rowsRejected: 3, rowsKeyless: 2 });
});

describe('rejected rows for which the API gives no key', () => {
  const told = (rowsKeyless: number) => {
    const runs = [night(24, { tables: { jobs: tableReport({ rowsExtracted: 900, rowsRejected: 5, rowsKeyless }) } })];
    return statusLines({ ...calm, runs }, pipe).join('\n');
  };

  it('are not offered to be converted again', () => {
    expect(told(5)).toContain('The API gives no key for them, so there is nothing to replay: report it to the vendor.');
    expect(told(5)).not.toContain('replay-rejected');
  });

  it('are told apart from those that another version may read', () => {
    expect(told(3)).toContain(
      'For 3 of the 5 the API gives no key: report that to the vendor. If a newer version of Prospect Lake can read the other 2:',
    );
    expect(told(3)).toContain('npx prospect-lake ops replay-rejected --run ');
    expect(told(0)).toContain('If a newer version of Prospect Lake can read them:');
  });
});
