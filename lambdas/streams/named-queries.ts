/**
 * The most useful queries. They are saved in the Athena workgroup and run by `npx prospect-lake query --named`. Their
 * SQL is common to Trino (Athena engine v3) and DuckDB; docs/queries.md says what differs and how they avoid it.
 */

export interface NamedQuery {
  readonly name: string;
  /** One line for the console and for docs/queries.md. */
  readonly description: string;
  readonly sql: string;
}

const leadFunnel: NamedQuery = {
  name: 'lead_funnel',
  description:
    'How many leads there are, how many of them were written to or called, answered, and are qualified. Each stage counts leads that passed the stage before.',
  sql: `WITH contact AS (
  SELECT lead_id,
    max(CASE WHEN lower(direction) = 'outbound' THEN 1 ELSE 0 END) AS contacted,
    max(CASE WHEN lower(direction) = 'inbound' THEN 1 ELSE 0 END) AS answered
  FROM lead_messages
  GROUP BY lead_id
), reached AS (
  SELECT CASE
      WHEN contact.contacted IS NULL OR contact.contacted = 0 THEN 1
      WHEN contact.answered = 0 THEN 2
      WHEN leads.is_qualified IS NULL OR NOT leads.is_qualified THEN 3
      ELSE 4
    END AS stage
  FROM leads
  LEFT JOIN contact ON contact.lead_id = leads.id
)
SELECT stages.stage, stages.name, count(reached.stage) AS leads,
  round(100e0 * count(reached.stage) / nullif((SELECT count(*) FROM leads), 0), 1) AS percent_of_all
FROM (VALUES (1, 'known'), (2, 'contacted'), (3, 'answered'), (4, 'qualified')) AS stages (stage, name)
LEFT JOIN reached ON reached.stage >= stages.stage
GROUP BY stages.stage, stages.name
ORDER BY stages.stage`,
};

const campaignPerformance: NamedQuery = {
  name: 'campaign_performance_by_run',
  description: 'What happened in each run of each campaign: events by type, newest runs first.',
  sql: `SELECT campaigns.id AS campaign_id, campaigns.status AS campaign_status,
  runs.id AS run_id, runs.status AS run_status, runs.created_at AS run_created_at,
  events.type AS event_type, count(events.id) AS events,
  min(events.created_at) AS first_event_at, max(events.created_at) AS last_event_at
FROM campaign_runs AS runs
LEFT JOIN campaigns ON campaigns.id = runs.campaign_id
LEFT JOIN campaign_run_events AS events ON events.run_id = runs.id
GROUP BY campaigns.id, campaigns.status, runs.id, runs.status, runs.created_at, events.type
ORDER BY run_created_at DESC, run_id, events DESC, event_type`,
};

const messageVolume: NamedQuery = {
  name: 'message_volume',
  description: 'Messages with leads by month, channel and direction, and how many leads they were with.',
  sql: `SELECT date_trunc('month', created_at) AS month, channel, direction,
  count(*) AS messages, count(DISTINCT lead_id) AS leads
FROM lead_messages
GROUP BY 1, 2, 3
ORDER BY 1 DESC, messages DESC, channel, direction`,
};

const emailUsage: NamedQuery = {
  name: 'email_usage_against_plan',
  description:
    'E-mails sent against those included, as last seen on each day, with the plan of today. Empty counters: the API gave them under other names; look at the column usage.',
  sql: `WITH seen AS (
  SELECT dt, _extracted_at, active_trial,
    TRY_CAST(json_extract(usage, '$.emails_sent') AS DOUBLE) AS emails_sent,
    TRY_CAST(json_extract(usage, '$.emails_included') AS DOUBLE) AS emails_included,
    row_number() OVER (PARTITION BY dt ORDER BY _extracted_at DESC) AS newest
  FROM billing_usage_history
)
SELECT seen.dt AS day, subscription.plan, subscription.status, seen.active_trial, seen.emails_sent, seen.emails_included,
  round(100e0 * seen.emails_sent / nullif(seen.emails_included, 0), 1) AS percent_used
FROM seen
LEFT JOIN billing_subscription AS subscription ON true
WHERE seen.newest = 1
ORDER BY day DESC`,
};

const importErrorCauses: NamedQuery = {
  name: 'import_error_causes',
  description: 'Why imports refuse rows, most frequent first. Numbers in a message are shown as #.',
  sql: `WITH causes AS (
  SELECT import_id, replace(replace(replace(replace(translate(message, '0123456789', '##########'), '####', '#'), '##', '#'), '##', '#'), '##', '#') AS cause
  FROM import_errors
)
SELECT cause, count(*) AS refused_rows, count(DISTINCT import_id) AS imports,
  round(100e0 * count(*) / sum(count(*)) OVER (), 1) AS percent_of_all
FROM causes
GROUP BY cause
ORDER BY refused_rows DESC, cause`,
};

const speedOfReply: NamedQuery = {
  name: 'speed_of_reply',
  description:
    'How fast messages are answered, by month and channel: by leads, and by us. A message is answered if the next one with the lead in that channel goes the other way.',
  sql: `WITH turns AS (
  SELECT lead_id, channel, lower(direction) AS direction, created_at,
    lead(lower(direction)) OVER (PARTITION BY lead_id, channel ORDER BY created_at, id) AS next_direction,
    lead(created_at) OVER (PARTITION BY lead_id, channel ORDER BY created_at, id) AS next_at
  FROM lead_messages
  WHERE created_at IS NOT NULL AND lower(direction) IN ('inbound', 'outbound')
), replies AS (
  SELECT date_trunc('month', created_at) AS month, channel,
    CASE WHEN direction = 'inbound' THEN 'us' ELSE 'lead' END AS answered_by,
    date_diff('second', created_at, next_at) AS seconds
  FROM turns
  WHERE next_direction <> direction
), ranked AS (
  SELECT month, channel, answered_by, seconds,
    row_number() OVER (PARTITION BY month, channel, answered_by ORDER BY seconds) AS place,
    count(*) OVER (PARTITION BY month, channel, answered_by) AS replies
  FROM replies
)
SELECT month, channel, answered_by, count(*) AS replies,
  round(max(CASE WHEN place <= (replies + 1) / 2e0 THEN seconds END) / 36e2, 1) AS median_hours,
  round(100e0 * sum(CASE WHEN seconds <= 3600 THEN 1 ELSE 0 END) / count(*), 1) AS percent_within_an_hour,
  round(100e0 * sum(CASE WHEN seconds <= 86400 THEN 1 ELSE 0 END) / count(*), 1) AS percent_within_a_day
FROM ranked
GROUP BY month, channel, answered_by
ORDER BY month DESC, channel, answered_by`,
};

const prospectorYield: NamedQuery = {
  name: 'prospector_yield',
  description:
    'What each prospecting workflow found: results, leads, and how many of them were contacted, answered and are qualified.',
  sql: `WITH contact AS (
  SELECT lead_id,
    max(CASE WHEN lower(direction) = 'outbound' THEN 1 ELSE 0 END) AS contacted,
    max(CASE WHEN lower(direction) = 'inbound' THEN 1 ELSE 0 END) AS answered
  FROM lead_messages
  GROUP BY lead_id
)
SELECT workflows.id AS workflow_id, workflows.name AS workflow_name, workflows.status AS workflow_status,
  count(DISTINCT runs.id) AS runs, count(results.id) AS results, count(DISTINCT leads.id) AS leads,
  count(DISTINCT CASE WHEN contact.contacted = 1 THEN leads.id END) AS contacted,
  count(DISTINCT CASE WHEN contact.answered = 1 THEN leads.id END) AS answered,
  count(DISTINCT CASE WHEN leads.is_qualified THEN leads.id END) AS qualified
FROM prospector_workflows AS workflows
LEFT JOIN prospector_runs AS runs ON runs.workflow_id = workflows.id
LEFT JOIN prospector_results AS results ON results.run_id = runs.id
LEFT JOIN leads ON leads.id = results.lead_id
LEFT JOIN contact ON contact.lead_id = leads.id
GROUP BY workflows.id, workflows.name, workflows.status
ORDER BY results DESC, workflow_id`,
};

const importQuality: NamedQuery = {
  name: 'import_quality',
  description: 'How many rows of each import were taken and refused, newest imports first.',
  sql: `WITH refused AS (
  SELECT import_id, count(*) AS errors, count(DISTINCT "row") AS rows_with_errors
  FROM import_errors
  GROUP BY import_id
)
SELECT imports.id AS import_id, imports.name AS import_name, imports.status AS import_status, imports.created_at,
  imports.total_rows, imports.imported_rows, imports.error_count,
  coalesce(refused.errors, 0) AS errors, coalesce(refused.rows_with_errors, 0) AS rows_with_errors,
  round(100e0 * imports.imported_rows / nullif(imports.total_rows, 0), 1) AS percent_imported
FROM imports
LEFT JOIN refused ON refused.import_id = imports.id
ORDER BY imports.created_at DESC, imports.id`,
};

const freshness: NamedQuery = {
  name: 'freshness_by_table',
  description:
    'When each table was last read completely, how long ago that is, and how its newest run ended; stalest first.',
  sql: `WITH runs AS (
  SELECT table_name, status, rows_written, error_code,
    max(CASE WHEN status = 'complete' THEN started_at END) OVER (PARTITION BY table_name) AS complete_as_of,
    row_number() OVER (PARTITION BY table_name ORDER BY started_at DESC, run_id DESC) AS newest
  FROM pipeline_runs
  WHERE kind = 'nightly'
)
SELECT table_name, complete_as_of,
  round(date_diff('second', complete_as_of, current_timestamp) / 36e2, 1) AS hours_behind,
  status AS newest_status, rows_written AS newest_rows, error_code AS newest_error
FROM runs
WHERE newest = 1
ORDER BY complete_as_of NULLS FIRST, table_name`,
};

export const namedQueries: readonly NamedQuery[] = [
  leadFunnel,
  campaignPerformance,
  messageVolume,
  emailUsage,
  importErrorCauses,
  speedOfReply,
  prospectorYield,
  importQuality,
  freshness,
];
