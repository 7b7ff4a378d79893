import { describe, expect, it } from 'vitest';
import { columnsToAdd } from '../../../lambdas/core/runs/columns-to-add.ts';
import { changeTexts } from '../../../lambdas/core/runs/change-texts.ts';
import { ChangingVendor } from '../../support/changing-vendor.ts';
import { announced, rows, told } from '../../support/told-changes.ts';

describe('a list of which a night reads only the changes', () => {
  it('loses a field only with a complete reading: a sparse field is missing from most nights', async () => {
    const vendor = new ChangingVendor(['leads']);
    const give = (more: (index: number) => object) => {
      vendor.leads = rows(400, more, 'l');
    };
    const sparse = (index: number) => (index % 40 === 0 ? { vat: `DE${index}` } : {});
    give((index) => ({ ...sparse(index), region: 'north' }));
    await vendor.night();
    await vendor.night();
    give((index) => ({ ...sparse(index) }));
    for (let night = 2; night < 8; night += 1) {
      for (const id of ['l1', 'l2', 'l3', 'l5', 'l6']) vendor.change(id, {});
      await vendor.night();
    }
    const first = ['0 leads.region undeclared', '0 leads.vat undeclared'];
    expect(await told(vendor)).toEqual(first);
    for (let night = 8; night < 10; night += 1) await vendor.night();
    expect(await told(vendor)).toEqual([...first, '8 leads.region gone']);
  });

  it('has a new field and a new type as soon as one row shows them', async () => {
    const vendor = new ChangingVendor(['leads']);
    vendor.leads = rows(60, () => ({ region: 'north' }), 'l');
    await vendor.night();
    await vendor.night();
    vendor.change('l7', { region: 4, score: 1 });
    const { schemaChanges } = await vendor.night();
    // What the night was given, not what the rows that it did not read may still have.
    expect(schemaChanges).toMatchObject([{ from: ['string'], to: ['number'], share: 1 }, { to: ['number'] }]);
    await vendor.night();
    expect(await told(vendor)).toEqual([
      '0 leads.region undeclared',
      '2 leads.region another type',
      '2 leads.score new',
    ]);
  });
});

it('the children of a parent gain fields at once, and lose them when many rows lack them', async () => {
  const vendor = new ChangingVendor(['lead_messages']);
  vendor.leads = rows(30, () => ({}), 'l');
  const give = (more: object) => {
    for (const { id } of vendor.leads)
      vendor.messages.set(
        id,
        rows(3, () => more, `${id}_`),
      );
  };
  const night = async () => {
    for (const { id } of vendor.leads) vendor.change(id);
    await vendor.night();
  };
  give({ mood: 'good' });
  await night();
  give({ mood: 'good', opened: true });
  await night();
  give({ opened: true });
  await night();
  await night();
  await night();
  expect(await told(vendor)).toEqual([
    '0 lead_messages.mood undeclared',
    '1 lead_messages.opened new',
    '3 lead_messages.mood gone',
  ]);
});

it('a change is told with its share, a form without the value, and the line that gives the field a column', async () => {
  const vendor = new ChangingVendor(['referrals']);
  vendor.referrals = rows(20, () => ({}));
  await vendor.night();
  vendor.referrals = rows(20, (index) => (index < 5 ? { taxId: `DE-${index}17`, mail: 'ada@example.org' } : {}));
  const { schemaChanges } = await vendor.night();
  expect(schemaChanges).toEqual([
    {
      table: 'referrals',
      field: 'mail',
      what: 'new',
      from: [],
      to: ['string'],
      share: 0.25,
      shape: '"a@a.a"',
      suggestion: "customColumns: { referrals: { mail: { type: 'string', personal: 'quote' } } }",
    },
    {
      table: 'referrals',
      field: 'taxId',
      what: 'new',
      from: [],
      to: ['string'],
      share: 0.25,
      shape: '"a-9"',
      suggestion: "customColumns: { referrals: { tax_id: { type: 'string', field: 'taxId', personal: 'quote' } } }",
    },
  ]);
  expect(announced(vendor)).toEqual([
    `referrals.mail is new: string of the form "letters@letters.letters", in 25 % of the rows. To give it a column, in the configuration (personal: 'quote' hides what it holds; say false if that is nothing personal): customColumns: { referrals: { mail: { type: 'string', personal: 'quote' } } }`,
    `referrals.taxId is new: string of the form "letters-digits", in 25 % of the rows. To give it a column, in the configuration (personal: 'quote' hides what it holds; say false if that is nothing personal): customColumns: { referrals: { tax_id: { type: 'string', field: 'taxId', personal: 'quote' } } }`,
  ]);
});

it('the fields of a first load that have no column are named, with the columns for them, and no event', async () => {
  const vendor = new ChangingVendor(['referrals']);
  vendor.referrals = rows(4, (index) => ({
    tier: 'gold',
    renews_on: '2026-12-01',
    empty: null,
    email: `a${index}@b.c`,
  }));
  const { schemaChanges = [] } = await vendor.night();
  expect(columnsToAdd({ schemaChanges }, [])).toEqual({
    referrals: { renews_on: { type: 'date', personal: 'quote' }, tier: { type: 'string', personal: 'quote' } },
  });
  expect(changeTexts(schemaChanges)).toEqual({
    texts: [
      'referrals.renews_on has no column, and is kept in _extra: string of the form "digits-digits-digits", in 100 % of the rows.',
      'referrals.tier has no column, and is kept in _extra: string of the form "letters", in 100 % of the rows.',
    ],
    more: 0,
  });
  expect(announced(vendor)).toEqual([]);
  vendor.referrals = vendor.referrals.map((row) => ({ ...row, empty: 7 }));
  expect((await vendor.night()).schemaChanges).toMatchObject([{ field: 'empty', what: 'new', to: ['number'] }]);
  expect((await vendor.night()).schemaChanges).toBeUndefined();
});

it('a share counts values: a field that is null in some rows, or in all of them, is not told as one with a value', async () => {
  const vendor = new ChangingVendor(['referrals']);
  vendor.referrals = rows(4, (index) => ({ taxId: index === 0 ? null : 'DE-17' }));
  expect((await vendor.night()).schemaChanges).toMatchObject([{ field: 'taxId', what: 'undeclared', share: 0.75 }]);
  vendor.referrals = rows(4, (index) => ({ taxId: 'DE-17', empty: null, score: index === 0 ? 7 : null }));
  await vendor.night();
  expect(announced(vendor)).toEqual([
    'referrals.empty is new, and null in each row that has it.',
    expect.stringMatching(/^referrals.score is new: whole number, in 25 % of the rows\./),
  ]);
});

it('an object whose names are data is counted without them, and nothing of it is stored', async () => {
  const vendor = new ChangingVendor(['referrals']);
  const answers = (night: number) =>
    rows(30, (index) => ({
      by_person: { [`person${night}x${index}a`]: 1, [`person${night}x${index}b`]: 2 },
      by_mail: { [`ada${index}@example.org`]: true },
    }));
  for (let night = 0; night < 3; night += 1) {
    vendor.referrals = answers(night);
    await vendor.night();
  }
  expect(await told(vendor)).toEqual(['0 referrals.by_mail undeclared', '0 referrals.by_person undeclared']);
  const texts = vendor.pipeline.store
    .keys('')
    .filter((key) => /^(state|runs)\//.test(key) && key.endsWith('.json'))
    .map((key) => JSON.stringify(vendor.pipeline.store.json(key)));
  expect(texts.join()).not.toMatch(/person\d|ada\d/);
});

it('a field is counted by its own name, also if every object of JavaScript has one of that name', async () => {
  const vendor = new ChangingVendor(['referrals']);
  vendor.referrals = rows(30, () => ({}));
  await vendor.night();
  const named = ['constructor', 'toString', 'hasOwnProperty'];
  vendor.referrals = rows(30, () => Object.fromEntries(named.map((name) => [name, { valueOf: 1 }])));
  await vendor.night();
  expect((await vendor.night()).status).toBe('complete');
  expect(await told(vendor)).toEqual(named.map((name) => `1 referrals.${name} new`).toSorted());
});
