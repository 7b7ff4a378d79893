-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
select
    import_id,
    "row",
    position,
    message,
    _run_id,
    {{ prospect_lake.utc('_extracted_at') }} as _extracted_at,
    _request_id,
    _digest,
    _extra{{ prospect_lake.custom_columns('import_errors') }}
from {{ source('prospect_lake', 'import_errors') }}
