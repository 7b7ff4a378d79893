"""read_year.py ENDPOINT LEADS_METADATA JOBS_METADATA: what DuckDB reads from S3, for each query on each layout."""

import re
import os
import sys
import time

import duckdb
import duckdb_extension_iceberg

endpoint, leads, jobs = sys.argv[1:4]
host = endpoint.removeprefix("http://")
packages = os.path.dirname(os.path.dirname(duckdb_extension_iceberg.__file__))


def connect():
    """A new connection for each query, so that nothing is cached."""
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for name in ("avro", "httpfs", "iceberg"):
        folder = f"{packages}/duckdb_extension_{name}/extensions/v{duckdb.__version__}"
        connection.execute(f"LOAD '{folder}/{name}.duckdb_extension'")
    connection.execute("SET TimeZone = 'UTC'")
    # Seconds; moto answers slowly.
    connection.execute("SET http_timeout = 600")
    connection.execute(
        "CREATE SECRET (TYPE s3, KEY_ID 'test', SECRET 'test', REGION 'us-east-1', "
        f"ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)"
    )
    return connection


def view(table, columns, snapshot):
    """The view of current rows that ADR 3 described."""
    history = f"read_parquet('s3://lake/lake/{table}/*/*.parquet', hive_partitioning = true, union_by_name = true)"
    runs = "read_parquet('s3://lake/lake/pipeline_runs/*/*.parquet', hive_partitioning = true)"
    complete = f"FROM {runs} WHERE table_name = '{table}' AND kind = 'nightly' AND status = 'complete'"
    latest = (
        f"WHERE _run_id = (SELECT max(run_id) {complete}) OR _extracted_at >= (SELECT max(started_at) {complete})"
        if snapshot
        else ""
    )
    return f"""(SELECT {columns} FROM (
      SELECT {columns}, row_number() OVER (PARTITION BY id ORDER BY updated_at DESC NULLS LAST, _extracted_at DESC, _run_id DESC) AS _version
      FROM (SELECT *, max(_deleted_at) OVER (PARTITION BY id) AS _gone_at FROM {history} {latest}) AS copies
      WHERE _deleted_at IS NULL AND (_gone_at IS NULL OR _extracted_at >= _gone_at)) AS versions WHERE _version = 1)"""


def measure(sql):
    plan = connect().execute(f"EXPLAIN ANALYZE {sql}").fetchall()[0][1]
    started = time.perf_counter()
    rows = connect().execute(sql).to_arrow_table()
    seconds = time.perf_counter() - started
    size = re.search(r"in: ([\d.]+) (bytes|KiB|MiB|GiB)", plan)
    unit = {"bytes": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
    requests = sum(int(count) for count in re.findall(r"#(?:HEAD|GET|POST): (\d+)", plan))
    return rows, round(float(size[1]) * unit[size[2]]) if size else 0, requests, seconds


columns = {
    "leads": "id, object, created_at, updated_at, full_name, email, company_name, title, tags, _run_id, _extracted_at",
    "jobs": "id, object, created_at, updated_at, status, type, _run_id, _extracted_at",
}
print("| table | query | layout | requests | bytes | seconds |")
print("|---|---|---|---|---|---|")
for table, metadata in (("leads", leads), ("jobs", jobs)):
    layouts = {
        "Iceberg": f"iceberg_scan('{metadata}')",
        "flat files": f"read_parquet('s3://lake/flat/{table}/*.parquet')",
        "view over history": view(table, columns[table], table == "jobs"),
    }
    key = connect().execute(f"SELECT id FROM {layouts['flat files']} LIMIT 1 OFFSET 777").fetchone()[0]
    queries = {
        "count(*)": "SELECT count(*) FROM {}",
        "lookup by id": f"SELECT {columns[table]} FROM {{}} WHERE id = '{key}'",
        "one column": "SELECT title, count(*) FROM {} GROUP BY title ORDER BY title"
        if table == "leads"
        else "SELECT status, count(*) FROM {} GROUP BY status ORDER BY status",
    }
    for query, sql in queries.items():
        answers = []
        for layout, source in layouts.items():
            rows, size, requests, seconds = measure(sql.format(source))
            answers.append(rows)
            print(f"| {table} | {query} | {layout} | {requests} | {size} | {seconds:.2f} |", flush=True)
        if any(str(rows.to_pylist()) != str(answers[0].to_pylist()) for rows in answers):
            raise ValueError(f"The layouts give different rows for {query} of {table}")
