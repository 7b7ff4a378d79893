-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
select
    id,
    object,
    {{ prospect_lake.utc('created_at') }} as created_at,
    {{ prospect_lake.utc('updated_at') }} as updated_at,
    active_trial,
    usage,
    _run_id,
    {{ prospect_lake.utc('_extracted_at') }} as _extracted_at,
    _request_id,
    _digest,
    {{ prospect_lake.utc('_deleted_at') }} as _deleted_at,
    _extra,
    dt{{ prospect_lake.custom_columns('billing_usage') }}
from {{ source('prospect_lake', 'billing_usage_history') }}
