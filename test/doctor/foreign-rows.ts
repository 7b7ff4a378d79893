/** Rows as the vendor's reference page shows them, written from that page by hand. The newest come first. */

export type Json = Record<string, unknown>;

/** Stands in every field that holds something about a person. */
export const person = 'Zzyzx Person-Value';
const when = (minute: number) => new Date(Date.UTC(2026, 2, 10, 12, 0) - minute * 60_000).toISOString();
export const base = (id: string, object: string, minute = 0): Json => ({
  id,
  object,
  created_at: when(minute + 1_000),
  updated_at: when(minute),
});
const many = (count: number, of: (index: number) => Json): Json[] =>
  Array.from({ length: count }, (_, index) => of(index));

export const allScopes =
  'billing.read campaigns.read leads.export me.read leads.import inbox.read jobs.read lead-fields.read leads.read messages.read prospector.read referrals.read settings.read support.read webhooks.read webhooks.write'.split(
    ' ',
  );

const message = (index: number): Json => ({
  ...base(`m${index}`, 'message', index),
  direction: 'inbound',
  channel: 'email',
  subject: person,
  body: person,
});
const thread = (index: number): Json => ({
  ...base(`t${index}`, 'inbox_thread', index),
  lead_id: `l${index}`,
  lead_name: person,
  message_count: index,
  last_message_at: when(index),
});
const webhook: Json = {
  ...base('w0', 'public_api_webhook_endpoint'),
  url: 'https://example.com/hook',
  description: 'ours',
  events: ['lead.created'],
  signing_secret_prefix: 'whsec_12',
  last_delivered_at: null,
  disabled_at: null,
};

/** The rows of each list, and the object of each other path, as the vendor's reference page shows them. */
export function tablesOf(leads: number): Tables {
  const lead = (index: number): Json => ({
    ...base(`l${index}`, 'lead', index),
    full_name: person,
    email: `${index}@person-value.example`,
    phone: '+41 00 000 00 00',
    company_name: 'A company',
    title: 'Engineer',
    location: 'Bern',
    tags: ['a'],
    is_qualified: index % 2 === 0,
  });
  return {
    '/leads': many(leads, lead),
    '/leads/l0/activities': many(4, (index) => ({
      ...base(`a${index}`, 'lead_activity', index),
      type: 'call',
      summary: person,
    })),
    '/leads/l0/messages': many(3, message),
    '/campaigns': many(3, (index) => ({
      ...base(`c${index}`, 'campaign', index),
      status: 'active',
      enabled: true,
      prospector_workflow_id: 'p0',
    })),
    '/campaigns/c0/logs': many(3, (index) => ({
      ...base(`g${index}`, 'campaign_log', index),
      level: 'info',
      message: person,
    })),
    '/campaigns/c0/runs': many(1, () => ({ ...base('r0', 'campaign_run'), status: 'done', campaign_id: 'c0' })),
    '/campaigns/runs/r0/events': many(1, () => ({
      ...base('e0', 'campaign_run_event'),
      type: 'sent',
      summary: person,
    })),
    '/exports': many(1, () => ({
      ...base('x0', 'export'),
      status: 'ready',
      row_count: 3,
      file_key: 'k',
      error_message: null,
    })),
    '/exports/x0/download': { ...base('x0', 'export_download'), status: 'ready', file_key: 'k', download_ready: true },
    '/imports': many(1, () => ({
      ...base('i0', 'import'),
      status: 'done',
      name: 'n',
      file_name: 'f.csv',
      total_rows: 3,
      imported_rows: 2,
      error_count: 1,
    })),
    '/imports/i0/errors': [{ row: 2, message: person }],
    '/inbox/threads': many(5, thread),
    '/inbox/threads/t0/messages': many(1, message),
    '/jobs': many(1, () => ({
      ...base('j0', 'job'),
      type: 'import',
      status: 'done',
      started_at: when(9),
      finished_at: null,
      progress: 0.5,
      result: {},
      error: null,
    })),
    '/jobs/j0/events': many(1, () => ({ ...base('v0', 'job_event'), level: 'info', message: person })),
    '/lead-fields': many(1, () => ({
      ...base('f0', 'lead_field'),
      key: 'budget',
      label: 'Budget',
      field_type: 'number',
    })),
    '/prospector/config': { ...base('pc', 'prospector_config'), timezone: 'Europe/Zurich', states: [] },
    '/prospector/workflows': many(1, () => ({ ...base('p0', 'prospector_workflow'), name: 'w', status: 'active' })),
    '/prospector/workflows/p0/runs': many(1, () => ({
      ...base('q0', 'prospector_run'),
      status: 'done',
      workflow_id: 'p0',
    })),
    '/prospector/runs/q0/results': many(1, () => ({
      ...base('s0', 'prospector_result'),
      lead_id: 'l0',
      company_name: 'A company',
    })),
    '/referrals': many(1, () => ({ ...base('rf', 'referral'), email: 'x@person-value.example', status: 'open' })),
    '/referrals/summary': { ...base('rs', 'referral_summary'), total_referrals: 1, qualified_referrals: 0 },
    '/settings/email': { ...base('se', 'settings_email'), verified_senders: [] },
    '/settings/integrations': { ...base('si', 'settings_integrations'), integrations: [] },
    '/settings/lead-qualification': {
      ...base('sl', 'settings_lead_qualification'),
      mode_preset: 'x',
      enabled_signals: {},
    },
    '/settings/profile': { ...base('sp', 'settings_profile'), name: person, email: 'me@person-value.example' },
    '/settings/sms': { ...base('ss', 'settings_sms'), status: 'off' },
    '/settings/voice': { ...base('sv', 'settings_voice'), status: 'off' },
    '/support/tickets': many(1, () => ({
      ...base('st', 'support_ticket'),
      subject: person,
      body: person,
      status: 'open',
      source: 'mail',
    })),
    '/webhooks': [webhook],
    '/webhooks/w0/deliveries': [],
    '/billing/subscription': { ...base('bs', 'billing_subscription'), status: 'active', plan: 'pro' },
    '/billing/usage': { ...base('bu', 'billing_usage'), active_trial: false, usage: {} },
  };
}

export type Tables = Record<string, Json[] | Json>;
