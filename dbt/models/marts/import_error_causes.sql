-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
WITH causes AS (
  SELECT import_id, replace(replace(replace(replace(translate(message, '0123456789', '##########'), '####', '#'), '##', '#'), '##', '#'), '##', '#') AS cause
  FROM {{ ref('stg_import_errors') }} AS import_errors
)
SELECT cause, count(*) AS refused_rows, count(DISTINCT import_id) AS imports,
  round(100e0 * count(*) / sum(count(*)) OVER (), 1) AS percent_of_all
FROM causes
GROUP BY cause
ORDER BY refused_rows DESC, cause
