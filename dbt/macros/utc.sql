{# A time in UTC without a zone: Athena cannot create tables with zones. #}
{% macro utc(column) %}{{ return(adapter.dispatch('utc', 'prospect_lake')(column)) }}{% endmacro %}

{% macro default__utc(column) %}cast({{ column }} as timestamp(6)){% endmacro %}

{% macro duckdb__utc(column) %}({{ column }} at time zone 'UTC'){% endmacro %}
