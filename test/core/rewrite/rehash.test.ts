import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { withCustomColumns } from '../../../lambdas/contract/custom-columns.ts';
import { currentTableOf } from '../../../lambdas/contract/stream.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { ForgetWorld, person } from '../../support/forget-world.ts';
import { currentRowsOf, rowsOf } from '../../support/lake-reader.ts';

const key = 'cd'.repeat(32);
const hashOf = (text: unknown) => createHmac('sha256', key).update(String(text).trim().toLowerCase()).digest('hex');
const emails = (rows: readonly Record<string, unknown>[] = []) => rows.map(({ email }) => email);

it('what is dropped, and later hashed, is so in every row that was written; other rows and columns stay', async () => {
  const world = new ForgetWorld();
  await world.plant();
  const before = await world.allRows();
  const places = ['current leads', 'leads', 'lead_exports'];
  expect(places.flatMap((place) => emails(before[place])).filter((email) => email !== null).length).toBeGreaterThan(10);

  await world.rehash({ drop: ['leads.phone'], hash: [] }, key);
  const dropped = await world.allRows();
  for (const place of ['current leads', 'leads']) {
    expect(dropped[place]?.map(({ phone }) => phone)).toEqual(before[place]?.map(() => null));
    expect(emails(dropped[place])).toEqual(emails(before[place]));
  }

  const receipt = await world.rehash({ drop: ['leads.phone'], hash: ['email'] }, key);
  const after = await world.allRows();
  for (const place of places)
    expect(emails(after[place])).toEqual(emails(before[place]).map((email) => (email === null ? null : hashOf(email))));
  // Columns that can quote a person are removed as soon as anything is dropped or hashed.
  // The digest of a changed row names the mask.
  const quoting = /^(email|phone|_digest|_extra|raw|body|summary|detail|payload|error|message|reason)/;
  for (const [place, rows] of Object.entries(before)) {
    const kept = (row: Record<string, unknown>) => Object.entries(row).filter(([name]) => !quoting.test(name));
    if (place !== 'schema_changes') expect(after[place]?.map(kept), place).toEqual(rows.map(kept));
  }
  expect(Object.keys(receipt.touched).toSorted()).toEqual(['current/leads', 'lake/lead_exports', 'lake/leads']);
  expect(await world.rehash({ drop: ['leads.phone'], hash: ['email'] }, key)).toMatchObject({ touched: {} });
  const { files, tables } = await world.audit();
  expect(files).toMatchObject({ lost: [], foreign: [], missingRecords: [], unlisted: [] });
  expect(tables.flatMap(({ differences }) => differences)).toEqual([]);
});

it('a column that the configuration no longer declares is emptied in all versions and current rows, and named', async () => {
  const taxId = { type: 'string', field: 'undeclared', personal: 'name' } as const;
  const withTaxId = (name: string) => withCustomColumns(streamNamed(name), { leads: { tax_id: taxId } });
  let declared = withTaxId;
  const declarationOf = (name: string) => declared(name);
  const world = new ForgetWorld({ declarationOf, settings: { streamNamed: declarationOf } });
  await world.plant();
  const { store } = world.pipeline;
  const taxIds = async () => {
    const rows = [
      ...(await rowsOf(store, 'leads')),
      ...(await currentRowsOf(store, currentTableOf(withTaxId('leads')))),
    ];
    return rows.flatMap(({ tax_id }) => tax_id ?? []);
  };
  const before = await taxIds();
  expect(before.length).toBeGreaterThan(2);
  expect(new Set(before)).toEqual(new Set([person.words]));
  declared = streamNamed;
  const undeclared = new Set<string>();
  const rehash = () => world.rehash({ drop: ['leads.phone'], hash: [] }, key, (column) => undeclared.add(column));
  const { touched } = await rehash();
  expect([...undeclared]).toEqual(['leads.tax_id']);
  expect(Object.keys(touched)).toEqual(expect.arrayContaining(['current/leads', 'lake/leads']));
  expect(await taxIds()).toEqual([]);
  expect(await rehash()).toMatchObject({ touched: {} });
  await world.night();
  expect(await taxIds()).toEqual([]);
});
