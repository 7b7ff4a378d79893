{# Each combination of these columns occurs once; none of them is null, unless they may be. #}
{% test unique_key(model, columns, may_be_null=false) %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% if not may_be_null %}
union all
select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null
{% endif %}
{% endtest %}

{# The condition is true of each row, or unknown. #}
{% test holds(model, condition) %}
select *
from {{ model }}
where not ({{ condition }})
{% endtest %}
