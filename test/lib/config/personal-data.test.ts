import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../../../lib/config/config.ts';
import { configProblems } from '../../support/config-problems.ts';

/** Takes input of any type, as if no compiler had checked it. */
const problemsOf = (personalData: unknown) => configProblems([{ name: 'main', personalData }]);

it('personal data may be dropped and hashed by class and by column name', () => {
  const personalData = {
    drop: ['body', 'subject', 'quote', 'leads.location', 'lead_exports.location', 'webhook_events.body'],
    hash: ['email', 'phone', 'leads.tags', 'lead_exports.tags', 'support_tickets.source'],
  };
  expect(problemsOf(personalData)).toEqual([]);
  expect(parseWorkspace({ name: 'main', personalData }).personalData).toEqual(personalData);
});

describe('personal data that cannot be dropped or hashed: the problem says why', () => {
  it.each<[what: string, personalData: unknown, problem: RegExp]>([
    [
      'an unknown class of personal data',
      { drop: ['address'] },
      /^workspace 'main': personalData\.drop\.0: there is no class 'address'; name one of email, phone, name, subject, body, quote, or a column as 'table\.column'$/,
    ],
    [
      'a misspelled class',
      { drop: ['emails'] },
      /^workspace 'main': personalData\.drop\.0: there is no class 'emails'; did you mean email\?$/,
    ],
    [
      'a misspelled table',
      { drop: ['lead.email'] },
      /^workspace 'main': personalData\.drop\.0: there is no table 'lead'; did you mean leads\?$/,
    ],
    [
      'a misspelled column',
      { drop: ['leads.mail'] },
      /^workspace 'main': personalData\.drop\.0: 'leads' has no column 'mail'; did you mean email\?$/,
    ],
    [
      'an unknown table',
      { hash: ['email', 'people.email'] },
      /^workspace 'main': personalData\.hash\.1: there is no table 'people'; the tables are leads, .*\brejected_rows\b.*\blead_exports$/,
    ],
    [
      'an unknown column',
      { drop: ['leads.nonsense'] },
      /^workspace 'main': personalData\.drop\.0: 'leads' has no column 'nonsense'; you can name object, created_at, full_name, email, phone, company_name, title, location, tags, is_qualified$/,
    ],
    [
      'a column that every object has',
      { drop: ['leads.constructor'] },
      /personalData\.drop\.0: 'leads' has no column 'constructor'; you can name/,
    ],
    [
      'a key to drop',
      { drop: ['leads.id'] },
      /^workspace 'main': personalData\.drop\.0: 'leads\.id' identifies the row, its parent, or when it was read or changed, so joins and the pipeline need it; you can name object, /,
    ],
    [
      'a key of the parent to hash',
      { hash: ['lead_messages.lead_id'] },
      /personalData\.hash\.0: 'lead_messages\.lead_id' identifies the row/,
    ],
    [
      'the id of another row to hash',
      { hash: ['inbox_threads.lead_id'] },
      /personalData\.hash\.0: 'inbox_threads\.lead_id' identifies the row/,
    ],
    [
      'a key without that name to drop',
      { drop: ['import_errors.row'] },
      /personalData\.drop\.0: 'import_errors\.row' identifies the row.*; you can name message$/,
    ],
    [
      'the time by which a stream is read to drop',
      { drop: ['leads.updated_at'] },
      /personalData\.drop\.0: 'leads\.updated_at' identifies the row/,
    ],
    [
      'a column of the pipeline to drop',
      { drop: ['pipeline_runs.status'] },
      /personalData\.drop\.0: 'pipeline_runs\.status' identifies the row.*; none of its columns can be named here$/,
    ],
    [
      'a number to hash',
      { hash: ['inbox_threads.message_count'] },
      /^workspace 'main': personalData\.hash\.0: 'inbox_threads\.message_count' is of type integer, and only text can be hashed: drop it$/,
    ],
    [
      'what can quote anyone to hash',
      { hash: ['quote'] },
      /^workspace 'main': personalData\.hash\.0: 'quote' is free text and JSON, so its hashes would match nothing: drop it$/,
    ],
    [
      'a column of leads that exports have as well',
      { drop: ['leads.location'] },
      /^workspace 'main': personalData\.drop\.0: 'lead_exports\.location' holds the same data: add it to the list too$/,
    ],
    [
      'a class both dropped and hashed',
      { drop: ['email'], hash: ['email'] },
      /^workspace 'main': personalData\.hash\.0: leads\.email would be dropped \(by 'email'\) and hashed \(by 'email'\): choose one$/,
    ],
    [
      'a column dropped by its class and hashed by its name',
      { drop: ['email'], hash: ['referrals.email'] },
      /^workspace 'main': personalData\.hash\.0: referrals\.email would be dropped \(by 'email'\) and hashed \(by 'referrals\.email'\): choose one$/,
    ],
    [
      'a class outside of a list',
      { drop: 'email' },
      /^workspace 'main': personalData\.drop: has to be a list, such as \['email'\]$/,
    ],
  ])('%s', (_, personalData, problem) => {
    const problems = problemsOf(personalData);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
});

it('a class is not hashed if a custom column of it is not text: its values would be lost', () => {
  const problems = (personalData: unknown, type: string) =>
    configProblems([
      { name: 'main', personalData, customColumns: { leads: { lead_score: { type, personal: 'name' } } } },
    ]);
  expect(problems({ hash: ['email', 'name'] }, 'number')).toEqual([
    "workspace 'main': personalData.hash.1: 'leads.lead_score' holds data of this class and is of type number, and only text can be hashed: drop 'name', or leave personal out of that column",
  ]);
  expect(problems({ drop: ['name'], hash: ['email'] }, 'number')).toEqual([]);
  expect(problems({ hash: ['name'] }, 'string_list')).toEqual([]);
});
