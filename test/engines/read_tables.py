"""read_tables.py ENGINE ENDPOINT: reads the tables that standard input names (see scenario.ts) with one engine,
and writes their rows to standard output as JSON.

Every value is exact: microseconds since 1970, of times and of days, and 64-bit integers are text, everything else is
plain JSON.
"""

import datetime
import json
import os
import sys

engine, endpoint = sys.argv[1:3]
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_REGION="us-east-1", TZ="UTC")
os.environ.update(AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true")
host = endpoint.removeprefix("http://")


def from_arrow(table, columns):
    import pyarrow as pa

    def values(column):
        array = table[column["name"]]
        if column["type"] == "timestamp":
            if not (pa.types.is_timestamp(array.type) and array.type.unit == "us" and array.type.tz):
                raise TypeError(f"{column['name']} is a {array.type}")
            array = array.cast(pa.int64())
        texts = column["type"] in ("timestamp", "integer")
        return [str(value) if texts and value is not None else value for value in array.to_pylist()]

    return [list(row) for row in zip(*(values(column) for column in columns))]


def pyiceberg():
    from pyiceberg.catalog.glue import GlueCatalog

    properties = {f"s3.{key}": value for key, value in (("endpoint", endpoint), ("path-style-access", "true"))}
    catalog = GlueCatalog("glue", **{"glue.endpoint": endpoint, "glue.region": "us-east-1", **properties})

    def read(job):
        table = catalog.load_table(f"{job['database']}.{job['table']}")
        if table.metadata_location != job["metadataUri"]:
            raise ValueError(f"Glue names {table.metadata_location}")
        snapshots = [str(snapshot.snapshot_id) for snapshot in table.metadata.snapshots]
        if snapshots != job["snapshots"]:
            raise ValueError(f"The table has the snapshots {snapshots}")
        options = {} if job["snapshot"] is None else {"snapshot_id": int(job["snapshot"])}
        if job["time"] is not None:
            moment = datetime.datetime.fromisoformat(f"{job['time']}+00:00")
            options = {"snapshot_id": table.snapshot_as_of_timestamp(int(moment.timestamp() * 1000)).snapshot_id}
        if job["id"] is not None:
            from pyiceberg.expressions import EqualTo

            options["row_filter"] = EqualTo("id", job["id"])
        return from_arrow(table.scan(**options).to_arrow(), job["columns"])

    return read


def duckdb():
    import duckdb
    import duckdb_extension_iceberg

    packages = os.path.dirname(os.path.dirname(duckdb_extension_iceberg.__file__))
    connection = duckdb.connect()
    for name in ("avro", "httpfs", "iceberg"):
        folder = f"{packages}/duckdb_extension_{name}/extensions/v{duckdb.__version__}"
        connection.execute(f"LOAD '{folder}/{name}.duckdb_extension'")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE SECRET (TYPE s3, KEY_ID 'test', SECRET 'test', REGION 'us-east-1', "
        f"ENDPOINT '{host}', URL_STYLE 'path', USE_SSL false)"
    )

    def read(job):
        at = "" if job["snapshot"] is None else f", snapshot_from_id = {job['snapshot']}"
        if job["time"] is not None:
            at = f", snapshot_from_timestamp = TIMESTAMP '{job['time']}'"
        sql = f"SELECT * FROM iceberg_scan('{job['metadataUri']}'{at})"
        if job["id"] is not None:
            return from_arrow(connection.execute(f"{sql} WHERE id = ?", [job["id"]]).to_arrow_table(), job["columns"])
        count = connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()[0]
        table = connection.execute(sql).to_arrow_table()
        if count != table.num_rows:
            raise ValueError(f"count(*) is {count}, and there are {table.num_rows} rows")
        return from_arrow(table, job["columns"])

    return read


def trino():
    import trino

    port = int(os.environ["TRINO_PORT"])
    connection = trino.dbapi.connect(
        host="127.0.0.1", port=port, user="test", timezone="UTC"
    )

    def run(sql, parameters=None):
        cursor = connection.cursor()
        cursor.execute(sql, parameters)
        return cursor.fetchall()

    def read(job):
        schema = f"{job['catalog']}.{job['database']}"
        version = "" if job["snapshot"] is None else f" FOR VERSION AS OF {job['snapshot']}"
        if job["time"] is not None:
            version = f" FOR TIMESTAMP AS OF TIMESTAMP '{job['time']} UTC'"
        if job["catalog"] == "current":
            found = run(f'SELECT snapshot_id FROM {schema}."{job["table"]}$snapshots"')
            if {str(row[0]) for row in found} != set(job["snapshots"]):
                raise ValueError(f"The table has the snapshots {found}")
        selected = ", ".join(
            f'CAST("{c["name"]}" AS varchar)' if c["type"] in ("timestamp", "integer") else f'"{c["name"]}"'
            for c in job["columns"]
        )
        where, parameters = ("", None) if job["id"] is None else (" WHERE id = ?", [job["id"]])
        rows = run(f'SELECT {selected} FROM {schema}."{job["table"]}"{version}{where}', parameters)
        stamped = [c["type"] == "timestamp" for c in job["columns"]]
        return [[micros(v) if t and v is not None else v for t, v in zip(stamped, row)] for row in rows]

    return read


def micros(text):
    """Microseconds of `2026-05-01 02:00:00.000000 UTC`; times of the history have three digits and no zone."""
    moment = datetime.datetime.strptime(text.removesuffix(" UTC"), "%Y-%m-%d %H:%M:%S.%f")
    return str((moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1))


def micros_of_day(day):
    if type(day) is not datetime.date:
        raise TypeError(f"{type(day)} is not a day")
    return str((day - datetime.date(1970, 1, 1)) // datetime.timedelta(microseconds=1))


def spark():
    from pyspark.sql import SparkSession

    catalog = "spark.sql.catalog.lake"
    settings = {
        "spark.jars": os.environ["SPARK_JARS"],
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type": "glue",
        f"{catalog}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        f"{catalog}.glue.endpoint": endpoint,
        f"{catalog}.s3.endpoint": endpoint,
        f"{catalog}.s3.path-style-access": "true",
        f"{catalog}.client.region": "us-east-1",
    }
    builder = SparkSession.builder.master("local[2]").appName("engines")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")

    def read(job):
        name = f"lake.{job['database']}.`{job['table']}`"
        version = "" if job["snapshot"] is None else f" VERSION AS OF {job['snapshot']}"
        if job["time"] is not None:
            version = f" TIMESTAMP AS OF '{job['time']}'"
        snapshots = {str(row[0]) for row in session.sql(f"SELECT snapshot_id FROM {name}.snapshots").collect()}
        if snapshots != set(job["snapshots"]):
            raise ValueError(f"The table has the snapshots {snapshots}")
        selected = ", ".join(
            f"CAST(unix_micros(`{c['name']}`) AS string)" if c["type"] == "timestamp"
            else f"CAST(`{c['name']}` AS string)" if c["type"] == "integer"
            else f"`{c['name']}`"
            for c in job["columns"]
        )
        if job["id"] is None:
            found = session.sql(f"SELECT {selected} FROM {name}{version}")
        else:
            found = session.sql(f"SELECT {selected} FROM {name}{version} WHERE id = :id", args={"id": job["id"]})
        return [list(row) for row in found.collect()]

    return read


def main():
    read = {"pyiceberg": pyiceberg, "duckdb": duckdb, "trino": trino, "spark": spark}[engine]()
    answers = []
    for job in json.load(sys.stdin):
        try:
            answers.append({"rows": read(job)})
        except Exception as error:  # Each reading fails on its own.
            answers.append({"error": f"{type(error).__name__}: {error}"[:2000]})
    json.dump(answers, sys.stdout, default=micros_of_day)


main()
