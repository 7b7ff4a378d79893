-- Tables that no run has completed in the last 26 hours, the longest first.
-- In Athena, or on this machine: npm run query -- "$(cat examples/stale-tables.sql)"
SELECT table_name, max(finished_at) AS last_complete
FROM pipeline_runs
WHERE status = 'complete'
GROUP BY table_name
HAVING max(finished_at) < current_timestamp - INTERVAL '26' HOUR
ORDER BY last_complete
