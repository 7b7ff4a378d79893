import { describe, expect, it } from 'vitest';
import type { StreamName } from '../../../lambdas/streams/registry.ts';
import { lakeTablesOf } from '../../../lib/lake-tables.ts';
import { ConfigError, parseWorkspace } from '../../../lib/config/config.ts';
import type { WorkspaceInput } from '../../../lib/config/workspace-input.ts';
import { configuredValues } from '../../../lib/config/configured-values.ts';

type Custom = NonNullable<WorkspaceInput['customColumns']>;

function problemOf(customColumns: unknown): string {
  try {
    parseWorkspace({ name: 'main', customColumns: customColumns as Custom });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
  }
  return 'none';
}

describe('custom columns', () => {
  it.each([
    [
      'of a table that does not exist',
      { lead: { score: { type: 'integer' } } },
      /^workspace 'main': customColumns\.lead: there is no table 'lead'.* did you mean leads\?/,
    ],
    [
      'of a table whose name is misspelled in the middle',
      { leed: { score: { type: 'integer' } } },
      /customColumns\.leed: there is no table 'leed'.* did you mean leads\?/,
    ],
    [
      'of a history',
      { leads_history: { score: { type: 'integer' } } },
      /^workspace 'main': customColumns\.leads_history: name leads instead: its history gets the columns too$/,
    ],
    [
      'of a field within an object, because only whole fields are looked up',
      { leads: { owner: { type: 'string', field: 'owner.name' } } },
      /customColumns\.leads\.owner\.field: a column takes a whole field of the row: make a column of type 'json' of 'owner'/,
    ],
    [
      'with a misspelled setting',
      { leads: { score: { type: 'integer', fields: 'leadScore' } } },
      /customColumns\.leads\.score\.fields: there is no such field; did you mean field\?/,
    ],
    [
      'of a table of the pipeline',
      { pipeline_runs: { score: { type: 'integer' } } },
      /customColumns\.pipeline_runs: there is no table/,
    ],
    [
      'with the name of a declared column',
      { leads: { email: { type: 'string' } } },
      /customColumns\.leads\.email: leads has a column 'email' already/,
    ],
    [
      'with the name of a column of the pipeline',
      { leads: { _extra: { type: 'json' } } },
      /customColumns\.leads\._extra: the name has to be/,
    ],
    [
      'with the name of the parent’s id',
      { lead_messages: { lead_id: { type: 'string' } } },
      /customColumns\.lead_messages\.lead_id: lead_messages has a column/,
    ],
    [
      'with the name of the partition',
      { leads: { dt: { type: 'string' } } },
      /customColumns\.leads\.dt: dt is the day of the partition/,
    ],
    [
      'with a name that Glue does not take',
      { leads: { leadScore: { type: 'integer' } } },
      /customColumns\.leads\.leadScore: the name has to be/,
    ],
    [
      'for a field that has a column',
      { leads: { mail: { type: 'string', field: 'email' } } },
      /customColumns\.leads\.mail: the field 'email' has the column 'email' already/,
    ],
    [
      'for a field whose values another column takes all',
      { leads: { a: { type: 'string', field: 'x' }, b: { type: 'date', field: 'x' } } },
      /customColumns\.leads\.b: the field 'x' has the column 'a' already, which leaves no value for one of type 'date'$/,
    ],
    [
      'for the key, because a row whose key does not fit is rejected',
      { leads: { id_json: { type: 'json', field: 'id' } } },
      /customColumns\.leads\.id_json: the field 'id' has the column 'id' already/,
    ],
    [
      'with another kind of personal data than the field has',
      { leads: { email_json: { type: 'json', field: 'email', personal: 'name' } } },
      /customColumns\.leads\.email_json\.personal: the field 'email' holds the kind 'email': leave personal out/,
    ],
    [
      'of an unknown type',
      { leads: { score: { type: 'int' } } },
      /customColumns\.leads\.score\.type: has to be one of 'string', 'timestamp'.*; did you mean 'integer'\?$/,
    ],
    [
      'of a misspelled type',
      { leads: { score: { type: 'strng' } } },
      /customColumns\.leads\.score\.type: has to be one of 'string', .*; did you mean 'string'\?$/,
    ],
    [
      'of a misspelled kind of personal data',
      { leads: { score: { type: 'integer', personal: 'Emial' } } },
      /customColumns\.leads\.score\.personal: has to be one of 'email', .*, or false; did you mean 'email'\?$/,
    ],
    [
      'of a type that resembles none',
      { leads: { score: { type: 'uuid' } } },
      /customColumns\.leads\.score\.type: has to be one of 'string', .*'json'$/,
    ],
    [
      'with an unknown setting',
      { leads: { score: { type: 'integer', nullable: true } } },
      /customColumns\.leads\.score\.nullable: there is no such field/,
    ],
    [
      'of an unknown kind of personal data',
      { leads: { score: { type: 'integer', personal: 'yes' } } },
      /customColumns\.leads\.score\.personal: has to be one of 'email', .*, or false$/m,
    ],
    [
      'that do not fit into the environment of a function',
      {
        leads: Object.fromEntries(
          Array.from({ length: 60 }, (_, at) => [`column_${at}`, { type: 'string', description: 'x'.repeat(30) }]),
        ),
      },
      /customColumns: takes more than 2000 characters/,
    ],
  ])('are refused %s', (_, customColumns, message) => {
    expect(problemOf(customColumns)).toMatch(message);
  });

  it('are refused of a table that is not read: nothing would fill them', () => {
    const columns = { lead_messages: { mood: { type: 'string' } } } as const;
    const parsed = (streams: 'all' | StreamName[]) => () =>
      parseWorkspace({ name: 'main', streams, customColumns: columns });
    expect(parsed(['leads'])).toThrow(
      "workspace 'main': customColumns.lead_messages: nothing would fill these columns, because streams does not name lead_messages: add it there, or remove them",
    );
    expect(parsed(['leads', 'lead_messages'])).not.toThrow();
    expect(parsed('all')).not.toThrow();
  });

  it('can take the values of a declared field that do not fit its own column', () => {
    expect(problemOf({ leads: { is_qualified_string: { type: 'string', field: 'is_qualified' } } })).toBe('none');
  });

  it('are personal data if the field that they share is, by its kind and by its name', () => {
    const customColumns = { leads: { email_json: { type: 'json', field: 'email' } } } as const;
    const parsed = (personalData: { drop?: string[]; hash?: string[] }) => () =>
      parseWorkspace({ name: 'main', customColumns, personalData });
    expect(parsed({ drop: ['email'] })).not.toThrow();
    expect(parsed({ hash: ['email'] })).toThrow(/'leads\.email_json' holds data of this class and is of type json/);
    expect(parsed({ drop: ['leads.email', 'lead_exports.email'] })).toThrow(
      "'leads.email_json' holds values of the same field: name it too",
    );
    expect(parsed({ drop: ['leads.email_json'], hash: ['leads.email', 'lead_exports.email'] })).not.toThrow();
  });

  it('have to say whether they are personal if personalData is set, a second column too', () => {
    const columns = (personal?: false) => ({
      leads: {
        lead_score: { type: 'integer', personal: false },
        created_at_string: { type: 'string', field: 'created_at', ...(personal === undefined ? {} : { personal }) },
      } as const,
    });
    const parsed = (personal?: false) => () =>
      parseWorkspace({ name: 'main', customColumns: columns(personal), personalData: { drop: ['body'] } });
    expect(parsed()).toThrow("customColumns.leads.created_at_string: say personal: false, or personal: 'name'");
    expect(parsed(false)).not.toThrow();
    expect(problemOf(columns())).toBe('none');
  });

  it('stand in the history table of Glue before the columns of the pipeline, and in the environment', () => {
    const customColumns = {
      leads: { lead_score: { type: 'integer', description: 'Score.', personal: false } },
    } as const;
    const config = parseWorkspace({ name: 'main', customColumns });
    const history = lakeTablesOf(config.customColumns).find(({ name }) => name === 'leads_history');
    const names = Object.keys(history?.table.columns ?? {});
    expect(names[names.indexOf('_run_id') - 1]).toBe('lead_score');
    expect(history?.table.columns['lead_score']).toEqual({ type: 'integer', description: 'Score.', isCustom: true });
    expect(JSON.parse(configuredValues(config).CUSTOM_COLUMNS)).toEqual(customColumns);
  });

  it('can be named in personalData', () => {
    const customColumns = { leads: { tax_id: { type: 'string', personal: 'name' } } } as const;
    expect(() =>
      parseWorkspace({ name: 'main', customColumns, personalData: { hash: ['leads.tax_id'] } }),
    ).not.toThrow();
  });
});

it('each mistake in a custom column is told at once', () => {
  const personalData = { drop: ['email'] };
  const problemsOf = (type: string) => {
    try {
      parseWorkspace({
        name: 'main',
        personalData,
        customColumns: { leads: { 'Lead-Score': { type } } } as unknown as Custom,
      });
    } catch (error) {
      return error instanceof ConfigError ? error.problems : [];
    }
    return [];
  };
  const ofName = expect.stringContaining('the name has to be up to 60 lower-case letters');
  const ofPersonal = expect.stringContaining('say personal: false');
  expect(problemsOf('integer')).toEqual([ofName, ofPersonal]);
  expect(problemsOf('int')).toEqual([expect.stringContaining("did you mean 'integer'?"), ofName, ofPersonal]);
});
