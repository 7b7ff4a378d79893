/** The pipeline's own tables. */

import type { Table } from './stream.ts';

export const rejectedRows = {
  name: 'rejected_rows',
  description: 'Rows without a usable key, whole, with the reason and where they came from.',
  key: ['raw_key', 'line'],
  columns: {
    raw_key: { type: 'string', description: 'Key of the raw chunk that holds the row.' },
    line: { type: 'integer', description: 'Line of the chunk, from 0.' },
    table_name: { type: 'string', description: 'The table that the row was meant for.' },
    reason: { type: 'string', description: 'Why the row was set aside.' },
    parent_id: { type: 'string', description: 'Id of the row that it belongs to, where it has a parent.' },
    raw: { type: 'json', description: 'The row as the API gave it.', personal: 'quote' },
    _run_id: { type: 'string', description: 'The run that read this row.' },
    _extracted_at: { type: 'timestamp', description: 'When the API gave this row.' },
    _request_id: { type: 'string', description: "The vendor's request_id of the answer that held this row." },
  },
} as const satisfies Table;

export const pipelineRuns = {
  name: 'pipeline_runs',
  description: 'One row per run and table: how it ended, and its counts.',
  key: ['run_id', 'table_name'],
  columns: {
    run_id: { type: 'string', description: 'The run.' },
    table_name: { type: 'string', description: 'The table.' },
    kind: { type: 'string', description: 'nightly, backfill, refresh, export or confirm.' },
    run_status: { type: 'string', description: 'How the run as a whole ended: complete, partial or failed.' },
    status: { type: 'string', description: 'How this table ended: complete, partial or failed.' },
    rows_extracted: {
      type: 'integer',
      description:
        'Rows landed from the API, with those that were rejected. The page shows the two apart: rows_written as rows read.',
    },
    rows_written: {
      type: 'integer',
      description: 'Rows written to Parquet, also those removed since to forget a person.',
    },
    rows_rejected: {
      type: 'integer',
      description: 'Rows set aside in rejected_rows, also those removed since to forget a person.',
    },
    rows_unchanged: { type: 'integer', description: 'Rows that the current table had already, letter for letter.' },
    rows_changed: { type: 'integer', description: 'Rows of the current table that the run added or changed.' },
    rows_healed: { type: 'integer', description: 'Of those, rows that only a rereading found.' },
    rows_deleted: { type: 'integer', description: 'Rows that a second question confirmed as deleted.' },
    rows_suspected: {
      type: 'integer',
      description: 'Rows that the API did not give: asked for again before they are deleted.',
    },
    missing: { type: 'integer', description: 'Parents or ids that answered 404 or 410.' },
    items_failed: {
      type: 'integer',
      description: 'Parents or ids that failed alone; the next run asks for them again.',
    },
    files: { type: 'integer', description: 'Parquet files written.' },
    bytes: { type: 'integer', description: 'Bytes of those files.' },
    requests: {
      type: 'integer',
      description:
        'Requests to the API for this table, retries included. The page also counts the request with which a run asks whose the key is: it belongs to no table.',
    },
    retries: { type: 'integer', description: 'Requests that were made again.' },
    error_code: { type: 'string', description: 'Code of the first error.' },
    error_message: { type: 'string', description: 'What happened, and what to do.' },
    error_request_id: { type: 'string', description: "The vendor's request_id of that error." },
    started_at: { type: 'timestamp', description: 'When the run began.' },
    finished_at: { type: 'timestamp', description: 'When the run was published.' },
  },
} as const satisfies Table;

export const schemaChanges = {
  name: 'schema_changes',
  description:
    'Fields that the API began or ceased to give, fields whose type changed, and fields of the first load that have no column. Each stands once.',
  key: ['run_id', 'table_name', 'field', 'what'],
  columns: {
    run_id: { type: 'string', description: 'The run that found the change.' },
    found_at: { type: 'timestamp', description: 'When that run began.' },
    table_name: { type: 'string', description: 'The table.' },
    field: { type: 'string', description: 'The field. A field of an object is named object.field.' },
    what: {
      type: 'string',
      description: 'new, gone, another type, or undeclared: a field of the first load that has no column.',
    },
    types_before: { type: 'string_list', description: 'JSON types that the field had before.' },
    types: { type: 'string_list', description: 'JSON types that it has now.' },
    share: {
      type: 'number',
      description:
        'Share of the rows read, from 0 to 1, in which the field has a value (null is none), or one of its new type. If the field is gone: the share of the rows that had it, null or not.',
    },
    shape: {
      type: 'string',
      description: 'Form of a value: a stands for letters, 9 for digits. Null if the field has a column that it fits.',
    },
    suggestion: {
      type: 'string',
      description: 'What to add to the configuration to give the field a column. Null if it has one.',
    },
  },
} as const satisfies Table;

export const webhookEvents = {
  name: 'webhook_events',
  description: 'Every verified webhook delivery, as it came. A delivery that came twice may stand here twice.',
  key: ['delivery_id'],
  columns: {
    delivery_id: { type: 'string', description: "The vendor's id of the delivery, the same on each retry." },
    event: { type: 'string', description: 'Name of the event.' },
    resource_table: {
      type: 'string',
      description: 'The table that the event speaks of; null for a ping or an unknown event.',
    },
    resource_id: { type: 'string', description: 'The row that it speaks of; null where the body names none.' },
    signed_at: { type: 'timestamp', description: 'When the vendor signed the delivery.' },
    received_at: { type: 'timestamp', description: 'When it came.' },
    body: { type: 'json', description: 'The body as it came.', personal: 'quote' },
    _run_id: {
      type: 'string',
      description: 'The refresh that it led to; null if its table is switched off or unknown.',
    },
  },
} as const satisfies Table;

/**
 * A current table that records when the child list of each parent was last read to its end. This decides which lists
 * a night reads next. A refresh does not write to it.
 */
export const childReads = {
  name: 'child_reads',
  description: 'When the children of each row were last read whole. Refreshes are not counted.',
  key: ['table_name', 'parent_id'],
  columns: {
    table_name: { type: 'string', description: 'The table of the children.' },
    parent_id: { type: 'string', description: 'Id of the row that they belong to.' },
    read_at: { type: 'timestamp', description: 'When the API was asked for them.' },
    run_id: { type: 'string', description: 'The run that read them.' },
  },
} as const satisfies Table;

/** Tables that only ever get new files. */
export const pipelineTables: readonly Table[] = [rejectedRows, pipelineRuns, schemaChanges, webhookEvents];
