import { iso } from './calendar.ts';
import { draw } from './seed.ts';
import { type Row, scaled, type SeedData } from './table.ts';
import { referralsPer } from './workspace-tables.ts';

/** The properties of an API key that the API shows. */
export interface KeyFacts {
  readonly scopes: readonly string[];
  readonly readOnly: boolean;
}

/** The tables with a single row, as they are before the first run. */
export function singletons(seedData: SeedData): Readonly<Record<string, Row>> {
  const { calendar } = seedData;
  const started = iso(calendar.workspaceStart);
  const settled = iso(calendar.past(0.8));
  const resource = (object: string) => ({
    id: seedData.id(object, 0, 0),
    object,
    created_at: started,
    updated_at: settled,
  });
  const referrals = scaled(seedData.leads, ...referralsPer);
  const member = { name: 'Zoë Lindqvist', email: 'zoe.lindqvist@example.com' };

  return {
    billing_subscription: { ...resource('billing_subscription'), status: 'active', plan: 'growth' },
    billing_usage: {
      ...resource('billing_usage'),
      active_trial: false,
      usage: {
        emails_sent: draw(seedData.bits('singletons', 0, 0), 1) % 10_000,
        emails_included: 50_000,
        period: 'month',
      },
    },
    identity: {
      ...resource('public_api_identity'),
      tenant: { ...resource('tenant'), name: 'Simulated Workspace GmbH & Co.' },
      user: { ...resource('user'), ...member },
    },
    prospector_config: {
      ...resource('prospector_config'),
      timezone: 'Europe/Zurich',
      states: [
        { code: 'TX', name: 'Texas' },
        { code: 'ZH', name: 'Zürich', enabled: true },
      ],
    },
    referral_summary: {
      ...resource('referral_summary'),
      total_referrals: referrals,
      qualified_referrals: Math.floor(referrals / 3),
    },
    settings_email: {
      ...resource('settings_email'),
      verified_senders: [
        { email: 'hello@example.com', verified: true },
        { email: 'sales@example.org', verified: false },
      ],
    },
    settings_integrations: {
      ...resource('settings_integrations'),
      integrations: [
        { name: 'crm', connected: true },
        { name: 'calendar', connected: false, since: null },
      ],
    },
    settings_lead_qualification: {
      ...resource('settings_lead_qualification'),
      mode_preset: 'balanced',
      enabled_signals: { replied: true, opened_twice: true, 'website visit': false },
    },
    settings_profile: { ...resource('settings_profile'), ...member },
    settings_sms: { ...resource('settings_sms'), status: 'active' },
    settings_voice: { ...resource('settings_voice'), status: null },
  };
}

/** What `/me` answers about a key. */
export function keyFields({ scopes, readOnly }: KeyFacts): Row {
  return {
    role: readOnly ? 'viewer' : 'owner',
    permissions: readOnly ? ['LEADS_VIEW'] : ['SETTINGS_EDIT', 'LEADS_EDIT'],
    scopes,
    read_only: readOnly,
  };
}
