import { flag, list, personal, resource, stream, text } from './declare.ts';

export const leads = stream({
  name: 'leads',
  domain: 'Leads',
  description: 'Leads.',
  path: '/leads',
  shape: 'list',
  scope: 'leads.read',
  key: ['id'],
  limit: true,
  cursor: { field: 'updated_at', afterParam: 'updated_after', beforeParam: 'updated_before' },
  byId: '/leads/{lead_id}',
  columns: {
    ...resource,
    full_name: personal('name', text('Name of the lead.')),
    email: personal('email', text('E-mail address.')),
    phone: personal('phone', text('Phone number.')),
    company_name: text('Company that the lead works for.'),
    title: text('Job title.'),
    location: text('Place.'),
    tags: list('Tags.'),
    is_qualified: flag('Whether the lead is qualified.'),
  },
});

export const leadActivities = stream({
  name: 'lead_activities',
  domain: 'Leads',
  description: 'Activities of each lead.',
  path: '/leads/{lead_id}/activities',
  shape: 'list',
  scope: 'leads.read',
  key: ['lead_id', 'id'],
  limit: true,
  parent: { stream: 'leads', key: 'lead_id' },
  columns: {
    ...resource,
    type: text('Kind of activity.'),
    summary: personal('quote', text('One line about the activity.')),
  },
});
