-- No stage of the funnel has more leads than the stage before.
select later.stage
from {{ ref('lead_funnel') }} as later
join {{ ref('lead_funnel') }} as earlier on earlier.stage = later.stage - 1
where later.leads > earlier.leads
