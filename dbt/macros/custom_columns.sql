{# The last columns of a staging model: those that the variable custom_columns names for its table. #}
{% macro custom_columns(table) %}
{%- for column, type in var('custom_columns', {}).get(table, {}).items() %},
    {% if type == 'timestamp' %}{{ prospect_lake.utc('"' ~ column ~ '"') }} as {% endif %}"{{ column }}"
{%- endfor %}
{%- endmacro %}
