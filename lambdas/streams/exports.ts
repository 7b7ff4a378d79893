import { flag, integer, personal, resource, stream, text } from './declare.ts';

export const exportJobs = stream({
  name: 'exports',
  domain: 'Exports',
  description: 'Export jobs, and whether their files are ready.',
  path: '/exports',
  shape: 'list',
  scope: 'leads.export',
  key: ['id'],
  byId: '/exports/{export_id}',
  detail: { path: '/exports/{export_id}/download', fields: ['download_ready'] },
  columns: {
    ...resource,
    status: text('Status of the job.'),
    row_count: integer('Rows in the exported file.'),
    file_key: text("Key of the file in the vendor's storage."),
    error_message: personal('quote', text('Why the job failed.')),
    download_ready: flag('Whether the file can be fetched, as the download endpoint says.'),
  },
});
