import type { Columns } from './column-types.ts';

/** Columns that follow a stream's own columns in each of its tables. */
export const metaColumns = {
  _run_id: { type: 'string', description: 'The run that first read this version of the row.' },
  _extracted_at: { type: 'timestamp', description: 'When the API was asked for this version of the row.' },
  _request_id: { type: 'string', description: "The vendor's request_id of the answer that held this row." },
  _digest: {
    type: 'string',
    description:
      'Digest of the row as the API gave it; then the name of the mask, if personalData masks columns of the table.',
  },
  _deleted_at: { type: 'timestamp', description: 'Set on a tombstone: when the row was found deleted at the source.' },
  _extra: {
    type: 'json',
    description: 'JSON of every field that is not declared, or whose value does not fit its column.',
    personal: 'quote',
  },
} as const satisfies Columns;
