-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
WITH contact AS (
  SELECT lead_id,
    max(CASE WHEN lower(direction) = 'outbound' THEN 1 ELSE 0 END) AS contacted,
    max(CASE WHEN lower(direction) = 'inbound' THEN 1 ELSE 0 END) AS answered
  FROM {{ ref('stg_lead_messages') }} AS lead_messages
  GROUP BY lead_id
), reached AS (
  SELECT CASE
      WHEN contact.contacted IS NULL OR contact.contacted = 0 THEN 1
      WHEN contact.answered = 0 THEN 2
      WHEN leads.is_qualified IS NULL OR NOT leads.is_qualified THEN 3
      ELSE 4
    END AS stage
  FROM {{ ref('stg_leads') }} AS leads
  LEFT JOIN contact ON contact.lead_id = leads.id
)
SELECT stages.stage, stages.name, count(reached.stage) AS leads,
  round(100e0 * count(reached.stage) / nullif((SELECT count(*) FROM {{ ref('stg_leads') }} AS leads), 0), 1) AS percent_of_all
FROM (VALUES (1, 'known'), (2, 'contacted'), (3, 'answered'), (4, 'qualified')) AS stages (stage, name)
LEFT JOIN reached ON reached.stage >= stages.stage
GROUP BY stages.stage, stages.name
ORDER BY stages.stage
