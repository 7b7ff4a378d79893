-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
WITH contact AS (
  SELECT lead_id,
    max(CASE WHEN lower(direction) = 'outbound' THEN 1 ELSE 0 END) AS contacted,
    max(CASE WHEN lower(direction) = 'inbound' THEN 1 ELSE 0 END) AS answered
  FROM {{ ref('stg_lead_messages') }} AS lead_messages
  GROUP BY lead_id
)
SELECT workflows.id AS workflow_id, workflows.name AS workflow_name, workflows.status AS workflow_status,
  count(DISTINCT runs.id) AS runs, count(results.id) AS results, count(DISTINCT leads.id) AS leads,
  count(DISTINCT CASE WHEN contact.contacted = 1 THEN leads.id END) AS contacted,
  count(DISTINCT CASE WHEN contact.answered = 1 THEN leads.id END) AS answered,
  count(DISTINCT CASE WHEN leads.is_qualified THEN leads.id END) AS qualified
FROM {{ ref('stg_prospector_workflows') }} AS workflows
LEFT JOIN {{ ref('stg_prospector_runs') }} AS runs ON runs.workflow_id = workflows.id
LEFT JOIN {{ ref('stg_prospector_results') }} AS results ON results.run_id = runs.id
LEFT JOIN {{ ref('stg_leads') }} AS leads ON leads.id = results.lead_id
LEFT JOIN contact ON contact.lead_id = leads.id
GROUP BY workflows.id, workflows.name, workflows.status
ORDER BY results DESC, workflow_id
