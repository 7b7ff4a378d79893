import { integer, personal, resource, stream, text } from './declare.ts';

const domain = 'Imports';
const scope = 'leads.import';

export const imports = stream({
  name: 'imports',
  domain,
  description: 'Import jobs and their outcome.',
  path: '/imports',
  shape: 'list',
  scope,
  key: ['id'],
  byId: '/imports/{import_id}',
  childReading: 'until-settled',
  columns: {
    ...resource,
    status: text('Status of the job.'),
    name: text('Name that the job was given.'),
    file_name: text('Name of the imported file.'),
    total_rows: integer('Rows in the file.'),
    imported_rows: integer('Rows that were imported.'),
    error_count: integer('Rows that were refused.'),
  },
});

export const importErrors = stream({
  name: 'import_errors',
  domain,
  description:
    'Errors in the rows that an import refused. They have no id: the import, the row and the error’s position are the key.',
  path: '/imports/{import_id}/errors',
  shape: 'list',
  scope,
  key: ['import_id', 'row', 'position'],
  numbered: { column: 'position', within: 'row' },
  parent: { stream: 'imports', key: 'import_id' },
  columns: {
    row: integer('Number of the row in the imported file.'),
    position: integer('Which error of its row this is, from 0, in the order in which the API lists them.'),
    message: personal('quote', text('Why the row was refused.')),
  },
});
