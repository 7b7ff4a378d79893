import { integer, stream } from './declare.ts';
import { leads } from './leads.ts';

/** Rows of export files. They come from the file of an export job, not from pages of the API. */
export const leadExports = stream({
  name: 'lead_exports',
  domain: 'Exports',
  description: 'Rows of export files, as the vendor exported them.',
  path: '/exports/{export_id}/download',
  shape: 'list',
  scope: 'leads.export',
  key: ['export_id', 'row_number'],
  parent: { stream: 'exports', key: 'export_id' },
  about: { stream: 'leads', column: 'id' },
  historyOnly: true,
  columns: {
    row_number: integer('Number of the row in the file, from 0.'),
    ...leads.columns,
  },
});
