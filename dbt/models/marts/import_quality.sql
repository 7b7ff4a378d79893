-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
WITH refused AS (
  SELECT import_id, count(*) AS errors, count(DISTINCT "row") AS rows_with_errors
  FROM {{ ref('stg_import_errors') }} AS import_errors
  GROUP BY import_id
)
SELECT imports.id AS import_id, imports.name AS import_name, imports.status AS import_status, imports.created_at,
  imports.total_rows, imports.imported_rows, imports.error_count,
  coalesce(refused.errors, 0) AS errors, coalesce(refused.rows_with_errors, 0) AS rows_with_errors,
  round(100e0 * imports.imported_rows / nullif(imports.total_rows, 0), 1) AS percent_imported
FROM {{ ref('stg_imports') }} AS imports
LEFT JOIN refused ON refused.import_id = imports.id
ORDER BY imports.created_at DESC, imports.id
