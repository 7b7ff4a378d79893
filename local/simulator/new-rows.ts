import type { Id, Row } from './data/table.ts';

/** Default fields of a new row, by table. The fields that its creator gives override them. */
const templates: Readonly<Record<string, Row>> = {
  leads: {
    object: 'lead',
    full_name: null,
    email: null,
    phone: null,
    company_name: null,
    title: null,
    location: null,
    tags: [],
    is_qualified: null,
  },
  lead_activities: { object: 'lead_activity', type: 'note', summary: null },
  lead_messages: { object: 'message', direction: 'inbound', channel: 'email', subject: null, body: null },
  campaigns: { object: 'campaign', status: 'draft', enabled: false, prospector_workflow_id: null },
  campaign_logs: { object: 'campaign_log', level: 'info', message: null },
  campaign_runs: { object: 'campaign_run', status: 'running' },
  campaign_run_events: { object: 'campaign_run_event', type: 'lead_enrolled', summary: null },
  exports: { object: 'export', status: 'queued', row_count: null, file_key: null, error_message: null },
  imports: {
    object: 'import',
    status: 'completed',
    name: null,
    file_name: null,
    total_rows: 0,
    imported_rows: 0,
    error_count: 0,
  },
  import_errors: {},
  inbox_threads: { object: 'inbox_thread', lead_id: null, lead_name: null, message_count: 0, last_message_at: null },
  inbox_messages: { object: 'message', direction: 'inbound', channel: 'email', subject: null, body: null },
  jobs: {
    object: 'job',
    type: 'import',
    status: 'queued',
    started_at: null,
    finished_at: null,
    progress: 0,
    result: null,
  },
  job_events: { object: 'job_event', level: 'info', message: null },
  lead_fields: { object: 'lead_field', key: null, label: null, field_type: 'text' },
  prospector_workflows: { object: 'prospector_workflow', name: null, status: 'active' },
  prospector_runs: { object: 'prospector_run', status: 'queued' },
  prospector_results: { object: 'prospector_result', lead_id: null, company_name: null },
  referrals: { object: 'referral', email: null, status: 'pending' },
  support_tickets: { object: 'support_ticket', subject: null, body: null, status: 'open', source: 'api' },
  webhook_endpoints: {
    object: 'public_api_webhook_endpoint',
    url: null,
    description: null,
    events: [],
    signing_secret_prefix: null,
    last_delivered_at: null,
    disabled_at: null,
  },
  webhook_deliveries: {
    object: 'public_api_webhook_delivery',
    event: null,
    status: 'queued',
    payload_redacted: {},
    request_headers: {},
    response_status_code: null,
    response_headers: {},
    response_body_snippet: null,
    error_message: null,
    attempt_count: 0,
    delivered_at: null,
    last_attempted_at: null,
    next_attempt_at: null,
  },
};

export function newRow(table: string, id: Id, now: Date): Row {
  const { object, ...fields } = templates[table] ?? {};
  if (object === undefined) return fields;
  const time = now.toISOString();
  return { id, object, created_at: time, updated_at: time, ...fields };
}
