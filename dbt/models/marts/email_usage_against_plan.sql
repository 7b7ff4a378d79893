-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
WITH seen AS (
  SELECT dt, _extracted_at, active_trial,
    TRY_CAST(json_extract(usage, '$.emails_sent') AS DOUBLE) AS emails_sent,
    TRY_CAST(json_extract(usage, '$.emails_included') AS DOUBLE) AS emails_included,
    row_number() OVER (PARTITION BY dt ORDER BY _extracted_at DESC) AS newest
  FROM {{ ref('stg_billing_usage_history') }} AS billing_usage_history
)
SELECT seen.dt AS day, subscription.plan, subscription.status, seen.active_trial, seen.emails_sent, seen.emails_included,
  round(100e0 * seen.emails_sent / nullif(seen.emails_included, 0), 1) AS percent_used
FROM seen
LEFT JOIN {{ ref('stg_billing_subscription') }} AS subscription ON true
WHERE seen.newest = 1
ORDER BY day DESC
