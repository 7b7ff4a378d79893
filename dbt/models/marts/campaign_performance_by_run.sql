-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
SELECT campaigns.id AS campaign_id, campaigns.status AS campaign_status,
  runs.id AS run_id, runs.status AS run_status, runs.created_at AS run_created_at,
  events.type AS event_type, count(events.id) AS events,
  min(events.created_at) AS first_event_at, max(events.created_at) AS last_event_at
FROM {{ ref('stg_campaign_runs') }} AS runs
LEFT JOIN {{ ref('stg_campaigns') }} AS campaigns ON campaigns.id = runs.campaign_id
LEFT JOIN {{ ref('stg_campaign_run_events') }} AS events ON events.run_id = runs.id
GROUP BY campaigns.id, campaigns.status, runs.id, runs.status, runs.created_at, events.type
ORDER BY run_created_at DESC, run_id, events DESC, event_type
