import { resource, stream, text } from './declare.ts';

export const leadFields = stream({
  name: 'lead_fields',
  domain: 'Lead Fields',
  description: 'Custom fields that leads can have.',
  path: '/lead-fields',
  shape: 'list',
  scope: 'lead-fields.read',
  key: ['id'],
  byId: '/lead-fields/{field_id}',
  columns: {
    ...resource,
    key: text('Key of the field.'),
    label: text('Label that people see.'),
    field_type: text('Type of the field.'),
  },
});
