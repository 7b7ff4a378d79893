-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
SELECT date_trunc('month', created_at) AS month, channel, direction,
  count(*) AS messages, count(DISTINCT lead_id) AS leads
FROM {{ ref('stg_lead_messages') }} AS lead_messages
GROUP BY 1, 2, 3
ORDER BY 1 DESC, messages DESC, channel, direction
