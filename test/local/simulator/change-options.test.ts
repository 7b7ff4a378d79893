/** Tests each option of how the workspace changes, and of when the API shows the changes. */

import { describe, expect, it } from 'vitest';
import { minute, optionsWorld } from '../../support/options-world.ts';

describe('a lag', () => {
  it('shows new rows, changes and deletions only after it', async () => {
    const { workspace, ids, ask, clock } = optionsWorld({ lagMinutes: 90 });
    const [first, second] = await ids('/leads');
    const { id } = workspace.create('leads', {});
    workspace.update('leads', first ?? '', { title: 'Late' });
    workspace.remove('leads', second ?? '');
    const titles = async () => (await ask(`/leads/${first}`)).data;
    expect(await ids('/leads')).toEqual(expect.arrayContaining([second]));
    expect(await ids('/leads')).not.toContain(id);
    expect(await titles()).not.toMatchObject({ title: 'Late' });
    clock.advance(89 * minute);
    expect(await ids('/leads')).not.toContain(id);
    clock.advance(minute);
    expect(await ids('/leads')).toContain(id);
    expect(await ids('/leads')).not.toContain(second);
    expect(await titles()).toMatchObject({ title: 'Late', updated_at: '2026-11-24T02:00:00.000Z' });
  });
});

describe('days of the workspace', () => {
  it('with quiet parents add children without changing their parents', () => {
    const { workspace, clock, api } = optionsWorld({ quietParents: true });
    const before = JSON.stringify(['leads', 'campaigns', 'prospector_workflows'].map((name) => api.rows(name)));
    const leads = new Set(api.rows('leads').map(({ id }) => id));
    const [activities, logs] = [api.rows('lead_activities').length, api.rows('campaign_logs').length];
    clock.advance(24 * 60 * minute);
    workspace.advance(clock.now());
    expect(api.rows('lead_activities').length).toBeGreaterThan(activities);
    expect(api.rows('campaign_logs').length).toBeGreaterThan(logs);
    const tables = ['leads', 'campaigns', 'prospector_workflows'].map((name) =>
      api.rows(name).filter(({ id }) => name !== 'leads' || leads.has(id)),
    );
    expect(JSON.stringify(tables)).toBe(before);
  });

  it('with losses delete a lead, merge one, and restore one', () => {
    const { workspace, clock, api } = optionsWorld({ losses: true });
    const ids = () => api.rows('leads').map(({ id }) => String(id));
    const night = () => {
      const before = ids();
      clock.advance(24 * 60 * minute);
      workspace.advance(clock.now());
      return before.filter((id) => !ids().includes(id));
    };
    const gone = night();
    expect(gone).toHaveLength(2);
    night();
    expect(ids()).toEqual(expect.arrayContaining([gone[0]]));
  });
});
