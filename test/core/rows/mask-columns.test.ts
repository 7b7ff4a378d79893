import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personalClasses } from '../../../lambdas/contract/personal-data.ts';
import { rejectedRows, webhookEvents } from '../../../lambdas/contract/pipeline-tables.ts';
import { tableOf } from '../../../lambdas/contract/stream.ts';
import { createColumnMask, maskNothing, maskRow } from '../../../lambdas/core/rows/mask-columns.ts';
import { contentDigest } from '../../../lambdas/core/rows/rows.ts';
import { campaignLogs } from '../../../lambdas/streams/campaigns.ts';
import { leadExports } from '../../../lambdas/streams/lead-exports.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { referrals } from '../../../lambdas/streams/referrals.ts';
import { ownTables, streams } from '../../../lambdas/streams/registry.ts';

const key = 'a key that the tests made up';
const hmac = (text: string) => createHmac('sha256', key).update(text).digest('hex');
const lead = {
  id: 'l1',
  full_name: 'Ada Lovelace',
  email: ' Ada@Example.com',
  phone: '+15555550123',
  title: 'Countess',
  tags: ['poet', 'Poet'],
  _extra: '{"alt_email":"ada@example.net","Ada Lovelace":1,"phone":{"home":5},"__proto__":"x"}',
};
const ofLead = (choice: { drop?: string[]; hash?: string[] }) =>
  maskRow(lead, createColumnMask({ drop: [], hash: [], ...choice }, key)(tableOf(leads)));

describe('if nothing is chosen', () => {
  it('a row stays unchanged, and no key is needed', () => {
    expect(createColumnMask({ drop: [], hash: [] }, undefined)).toBe(maskNothing);
    expect(ofLead({})).toBe(lead);
  });
});

describe('the digest of a row', () => {
  const digest = 'd'.repeat(22);
  const masked = (choice: { drop?: string[]; hash?: string[] }, hashKey = key, before = digest) =>
    maskRow({ _digest: before }, createColumnMask({ drop: [], hash: [], ...choice }, hashKey)(tableOf(leads)))[
      '_digest'
    ];

  it('names the mask, and so differs for each choice and each key', () => {
    const digests = [
      masked({}),
      masked({ drop: ['email'] }),
      masked({ hash: ['email'] }),
      masked({ hash: ['email'] }, 'another key'),
      masked({ hash: ['email', 'phone'] }),
    ];
    expect(new Set(digests).size).toBe(5);
    expect(digests.map((one) => contentDigest(String(one)))).toEqual(digests.map(() => digest));
  });

  it('names the last mask only', () => {
    const once = masked({ hash: ['email'] });
    expect(masked({ hash: ['email'] }, key, String(masked({ drop: ['phone'] })))).toBe(once);
  });
});

describe('a dropped column', () => {
  it('is null, whether chosen by class or by name, and the rest stays', () => {
    expect(ofLead({ drop: ['name', 'leads.title'] })).toEqual({
      ...lead,
      full_name: null,
      title: null,
      _extra: expect.anything(),
    });
  });

  it('is dropped in every table that has it', () => {
    const mask = createColumnMask({ drop: ['email'], hash: [] }, undefined);
    for (const stream of [leads, leadExports, referrals])
      expect(maskRow({ email: 'a@example.com' }, mask(tableOf(stream)))).toEqual({ email: null });
  });

  it('is unchanged in the original row', () => {
    const row = Object.freeze({ ...lead });
    maskRow(row, createColumnMask({ drop: ['email'], hash: [] }, undefined)(tableOf(leads)));
    expect(row).toEqual(lead);
  });
});

describe('a hashed column', () => {
  it('is the HMAC-SHA256 of its text, in hex', () => {
    expect(ofLead({ hash: ['phone'] })).toMatchObject({ phone: hmac('+15555550123'), email: lead.email });
  });

  it('is hashed text by text in a list, and stays null if it is null', () => {
    expect(ofLead({ hash: ['leads.tags'] })).toMatchObject({ tags: [hmac('poet'), hmac('Poet')] });
    expect(maskRow({ email: null }, createColumnMask({ drop: [], hash: ['email'] }, key)(tableOf(leads)))).toEqual({
      email: null,
    });
  });

  it('has the same hash for an address however it is written, and in every table', () => {
    const mask = createColumnMask({ drop: [], hash: ['email'] }, key);
    const written = [' Ada@Example.com', 'ada@example.com', 'ADA@EXAMPLE.COM\t'];
    const hashes = written.flatMap((email) =>
      [leads, leadExports, referrals].map((stream) => maskRow({ email }, mask(tableOf(stream)))['email']),
    );
    expect(new Set(hashes)).toEqual(new Set([hmac('ada@example.com')]));
  });

  it('has another hash with another key, or for a name in other letter case', () => {
    const other = maskRow(lead, createColumnMask({ drop: [], hash: ['email'] }, 'another key')(tableOf(leads)));
    expect(other['email']).not.toBe(ofLead({ hash: ['email'] })['email']);
    expect(ofLead({ hash: ['name'] })['full_name']).toBe(hmac('Ada Lovelace'));
  });

  it('needs a key', () => {
    for (const none of [undefined, ''])
      expect(() => createColumnMask({ drop: [], hash: ['email'] }, none)).toThrow('no key to hash personal data with');
  });
});

describe('as soon as anything is dropped or hashed', () => {
  const choices = [
    { drop: ['leads.title'], hash: [] },
    { drop: [], hash: ['phone'] },
  ];

  it.each(choices)('every column that can quote a person is dropped: $drop $hash', (choice) => {
    const mask = createColumnMask(choice, key);
    expect(maskRow({ id: 'c', message: 'Sent to ada@example.com' }, mask(tableOf(campaignLogs)))).toEqual({
      id: 'c',
      message: null,
    });
    expect(maskRow({ raw: '{"email":"ada@example.com"}', reason: 'r' }, mask(rejectedRows))).toEqual({
      raw: null,
      reason: 'r',
    });
    expect(maskRow({ body: '{}', delivery_id: 'd' }, mask(webhookEvents))).toEqual({ body: null, delivery_id: 'd' });
  });

  it('_extra keeps names that a programmer gave, but no values', () => {
    expect(ofLead({ drop: ['body'] })).toEqual({ ...lead, _extra: '{"alt_email":null,"phone":null}' });
  });

  it('no masked column keeps any text of the row', () => {
    const classes = Object.keys(personalClasses);
    fc.assert(
      fc.property(fc.subarray(classes), fc.string({ minLength: 8, unit: 'grapheme' }), (dropped, text) => {
        const choice = { drop: dropped, hash: classes.filter((name) => name !== 'quote' && !dropped.includes(name)) };
        for (const table of [...streams.map(tableOf), ...ownTables]) {
          const row = Object.fromEntries(
            Object.entries(table.columns).flatMap(([name, { personal }]) =>
              personal ? [[name, name === '_extra' ? JSON.stringify({ [text]: text }) : text]] : [],
            ),
          );
          const kept = maskRow(row, createColumnMask(choice, key)(table));
          for (const value of Object.values(kept))
            expect(
              value === null || /^[0-9a-f]{64}$/.test(String(value)) || /^\{"[a-z0-9_]+":null\}$/.test(String(value)),
            ).toBe(true);
        }
      }),
    );
  });
});

describe('no class', () => {
  it('marks a column that identifies or joins rows', () => {
    for (const table of [...streams.map(tableOf), ...ownTables])
      for (const [name, { personal, type }] of Object.entries(table.columns)) {
        if (!personal) continue;
        expect(table.key, `${table.name}.${name}`).not.toContain(name);
        expect(name).not.toMatch(/^id$|_id$/);
        if (personal !== 'quote') expect(type, 'what is hashed is text').toBe('string');
      }
  });
});
