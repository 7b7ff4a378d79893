-- Written by tools/dbt-package.ts. To change it, change lambdas/streams, then run: npm run generate
select
    lead_id,
    id,
    object,
    {{ prospect_lake.utc('created_at') }} as created_at,
    {{ prospect_lake.utc('updated_at') }} as updated_at,
    direction,
    channel,
    subject,
    body,
    _run_id,
    {{ prospect_lake.utc('_extracted_at') }} as _extracted_at,
    _request_id,
    _digest,
    _extra{{ prospect_lake.custom_columns('lead_messages') }}
from {{ source('prospect_lake', 'lead_messages') }}
