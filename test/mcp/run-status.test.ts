/** What an agent is told of a run, and what `--report` writes: the same as `start` and `ops status` tell a person. */

import { expect, it } from 'vitest';
import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { reportFile } from '../../local/cli/report-file.ts';
import { runStatus } from '../../mcp/run-status.ts';
import { ChangingVendor, lead } from '../support/changing-vendor.ts';

const custom: CustomColumns = { referrals: { tax_id: { type: 'string', field: 'taxID' } } };
const declared = (name: string) => withCustomColumns(streamNamed(name), custom);

it('a run that is complete says which values do not fit, which field has no column, and which column is empty', async () => {
  const vendor = new ChangingVendor(['referrals'], {
    declarationOf: declared,
    settings: { streamNamed: declared },
  });
  vendor.referrals = Array.from({ length: 50 }, (_, at) => lead(`r${at}`, { email: 7, score: 1 }));
  const report = await vendor.night();
  const said = {
    status: 'complete',
    problems: [
      {
        problem: 'ValuesDoNotFit',
        message:
          'email is null in referrals: the API gives whole numbers instead of texts. The values are kept in _extra.',
        tables: ['referrals'],
        requestId: null,
      },
    ],
    notes: [
      expect.stringMatching(/^referrals\.score has no column, /),
      expect.stringMatching(/^The custom column referrals\.tax_id /),
      "To give these values columns, in the configuration (personal: 'quote' hides what it holds; say false if that is nothing personal): customColumns: { referrals: { tax_id: { type: 'string', field: 'taxID' }, score: { type: 'integer', personal: 'quote' }, email_integer: { type: 'integer', field: 'email', personal: 'email' } } }",
    ],
  };
  const now = vendor.clock.now();
  const { runs } = await runStatus(vendor.pipeline.store, [declared('referrals')], now);
  expect(runs).toMatchObject([said]);
  expect(reportFile(report, custom)).toMatchObject(said);
  const score = { type: 'integer' } as const;
  const configured = withCustomColumns(streamNamed('referrals'), { referrals: { score } });
  const [later] = (await runStatus(vendor.pipeline.store, [configured], now)).runs;
  expect(later?.notes.at(-1)).toMatch(
    /customColumns: \{ referrals: \{ score: .*, email_integer: [^:]*: 'integer', field: 'email', personal: 'email' \} \} \}$/,
  );
});
