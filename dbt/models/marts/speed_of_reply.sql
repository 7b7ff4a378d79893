-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
WITH turns AS (
  SELECT lead_id, channel, lower(direction) AS direction, created_at,
    lead(lower(direction)) OVER (PARTITION BY lead_id, channel ORDER BY created_at, id) AS next_direction,
    lead(created_at) OVER (PARTITION BY lead_id, channel ORDER BY created_at, id) AS next_at
  FROM {{ ref('stg_lead_messages') }} AS lead_messages
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
ORDER BY month DESC, channel, answered_by
