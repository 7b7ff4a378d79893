import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { ForgetWorld } from '../../support/forget-world.ts';

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
