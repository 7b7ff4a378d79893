{# When the newest night began that read a table completely. #}
{% macro read_completely(table) %}
select max({{ prospect_lake.utc('started_at') }})
from {{ source('prospect_lake', 'pipeline_runs') }}
where kind = 'nightly' and status = 'complete' and table_name = '{{ table }}'
{% endmacro %}
