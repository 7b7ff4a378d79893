/** What the doctor says of tables that cannot be loaded, and the settings that leave them out. */

import { describe, expect, it } from 'vitest';
import { linesOf } from '../../doctor/report.ts';
import { streams, withParents } from '../../lambdas/streams/registry.ts';
import type { ForeignOptions } from './foreign-api.ts';
import { allScopes } from './foreign-rows.ts';

import { examine, foreign, problems } from './examining.ts';

/** Names of the streams that are read with ids of this one, and of those below them. */
const namesBelow = (name: string) =>
  streams
    .map((each) => each.name)
    .filter((each) => each !== name && withParents([each]).some((above) => above.name === name));

describe('tables that cannot be loaded', () => {
  it('tells the scopes that the key lacks and what they are for, and does not call the rest broken', async () => {
    const scopes = allScopes.filter((scope) => !['messages.read', 'webhooks.write'].includes(scope));
    expect(problems(await examine(await foreign({ scopes })))).toEqual([
      'scopes: lacks messages.read, for lead_messages',
      'scopes: lacks webhooks.write, for the webhook endpoint',
    ]);
  });

  it('believes a path that answers more than the scopes that /me lists', async () => {
    const listedScopes = allScopes.filter((scope) => scope !== 'messages.read');
    const examined = await examine(await foreign({ listedScopes }));
    expect(problems(examined)).toEqual([]);
    expect(examined.settings).toBeUndefined();
    expect(examined.findings).toContainEqual({
      area: 'scopes',
      level: 'note',
      says: 'messages.read is not among the scopes that /me lists, but its paths answer',
    });
  });

  it('groups missing scopes with what they cost, and gives the settings with which nothing is missing', async () => {
    const scopes = allScopes.filter((scope) => !['jobs.read', 'leads.export', 'webhooks.write'].includes(scope));
    const api = await foreign({ scopes });
    const examined = await examine(api);
    const lines = linesOf({ workspace: 'main', baseUrl: api.url, requests: 1, ...examined });
    expect(lines.slice(0, 8)).toEqual([
      'The key lacks 3 scopes, and what needs them:',
      '  jobs.read       jobs, job_events',
      '  leads.export    exports, the weekly export',
      '  webhooks.write  the webhook endpoint',
      '    Give the key these scopes, or leave out what needs them.',
      '',
      'Settings of prospect-lake.config.ts that load the rest:',
      expect.stringMatching(/^  streams: \['leads', .*'lead_messages'.*\],$/),
    ]);
    expect(lines.slice(8, 11)).toEqual(["  exports: { cron: 'off' },", '  webhooks: { enabled: false },', '']);
    const { streams: rest = [], ...features } = examined.settings ?? {};
    const again = await examine(api, { streams: [...rest], ...features });
    expect(problems(again)).toEqual([]);
    expect(again.settings).toBeUndefined();
  });

  it('names the tables that cannot be loaded and why, with their children', async () => {
    const change: ForeignOptions['change'] = (tables) => {
      delete tables['/campaigns'];
      tables['/jobs'] = {};
    };
    const api = await foreign({ change });
    const examined = await examine(api);
    const lines = linesOf({ workspace: 'main', baseUrl: api.url, requests: 1, ...examined });
    expect(lines.slice(0, lines.indexOf(''))).toEqual([
      'Tables that cannot be loaded:',
      '  campaigns',
      '    /campaigns not found (404). Check the address, or ask the vendor whether the path has moved.',
      '  jobs',
      '    /jobs has no list in data. Ask the vendor what has changed.',
      `  ${namesBelow('campaigns').join(', ')}`,
      '    campaigns cannot be loaded, and these tables are asked for with the ids of its rows.',
      `  ${namesBelow('jobs').join(', ')}`,
      '    jobs cannot be loaded, and these tables are asked for with the ids of its rows.',
    ]);
    expect(lines.at(-1)).toMatch(
      new RegExp(`^${2 + namesBelow('campaigns').length + namesBelow('jobs').length} tables cannot be loaded\\. `),
    );
    expect(examined.settings?.streams).toContain('leads');
    expect(examined.settings?.streams?.filter((name) => /campaign|job/.test(name))).toEqual([]);
  });

  it('tells the dollars of the configuration and those of the settings that load the rest', async () => {
    const scopes = allScopes.filter((scope) => scope !== 'webhooks.write');
    const dollars = ({ webhooks }: { webhooks: { enabled: boolean } }) => (webhooks.enabled ? 3.5 : 2.25);
    const { findings } = await examine(await foreign({ scopes }), { dollars });
    const saying = (area: string) => findings.find((each) => each.area === area)?.says;
    expect(saying('cost')).toContain('$3.50 as configured, $2.25 with the settings that load the rest a month');
    expect(saying('first load')).toContain('with the settings that load the rest');
    expect(saying('night')).toContain('with the settings that load the rest');
  });

  it('cost nothing in the estimate', async () => {
    const change: ForeignOptions['change'] = (tables) => {
      delete tables['/campaigns'];
      delete tables['/jobs'];
    };
    const { estimate, settings } = await examine(await foreign({ change }));
    const readable = streams.map(({ name }) => name).filter((name) => settings?.streams?.includes(name));
    const rest = await examine(await foreign(), { streams: readable });
    // The requests that belong to no table are a share of the recorded ones, so they differ by a fraction.
    for (const phase of ['firstLoad', 'night'] as const)
      expect(Math.abs((estimate?.[phase].requests ?? 0) - (rest.estimate?.[phase].requests ?? 0))).toBeLessThan(2);
  });

  it('leaves out a table whose list no parent has, with its children', async () => {
    const examined = await examine(await foreign({ gone: /^\/campaigns\/c\d+\/\w+$/ }));
    const { streams = [] } = examined.settings ?? {};
    expect(streams).toContain('campaigns');
    expect(streams.filter((name) => name.startsWith('campaign_'))).toEqual([]);
  });

  it('keeps a table if one parent alone was deleted after it was listed', async () => {
    const examined = await examine(await foreign({ gone: /^\/leads\/l0\// }));
    expect(examined.settings).toBeUndefined();
  });
});
