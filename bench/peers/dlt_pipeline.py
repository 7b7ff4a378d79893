"""Reads the endpoints of a file with dlt's REST source into Parquet files, several resources at once.

Usage: dlt_pipeline.py <base url> <key> <endpoints.json> <page size> <folder>
"""

import json
import sys

import dlt
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from dlt.sources.rest_api import rest_api_resources

url, key, endpoints_file, page_size, folder = sys.argv[1:]


def resource(endpoint: dict) -> dict:
    path = endpoint["path"].lstrip("/")
    made = {"name": endpoint["name"], "primary_key": endpoint["key"], "write_disposition": "append", "parallelized": True}
    if not endpoint["isList"]:
        return made | {"endpoint": {"path": path, "data_selector": "data", "paginator": "single_page"}}
    paginator = JSONResponseCursorPaginator(cursor_path="pagination.next_cursor", cursor_param="cursor")
    request: dict = {"data_selector": "data", "paginator": paginator, "params": {}}
    if endpoint["hasLimit"]:
        request["params"]["limit"] = int(page_size)
    parent = endpoint["parent"]
    if parent is None:
        return made | {"endpoint": request | {"path": path}}
    # Adds the parent's id to each child's row; dlt names that column after the parent.
    made |= {"primary_key": None, "include_from_parent": ["id"]}
    return made | {"endpoint": request | {"path": path.replace("{}", "{resources." + parent + ".id}")}}


@dlt.source
def workspace():
    with open(endpoints_file) as file:
        resources = [resource(endpoint) for endpoint in json.load(file)]
    client = {"base_url": url + "/", "auth": {"type": "bearer", "token": key}}
    yield from rest_api_resources({"client": client, "resources": resources})


destination = dlt.destinations.filesystem(bucket_url=f"file://{folder}/lake")
pipeline = dlt.pipeline("workspace", pipelines_dir=f"{folder}/state", destination=destination, dataset_name="workspace")
pipeline.run(workspace(), loader_file_format="parquet").raise_on_failed_jobs()
