import { flag, json, list, personal, resource, stream, text } from './declare.ts';

export const identity = stream({
  name: 'identity',
  domain: 'Identity',
  description: 'Whom the API key belongs to, once a run.',
  path: '/me',
  shape: 'single',
  scope: 'me.read',
  key: ['id'],
  columns: {
    ...resource,
    tenant: personal('quote', json('The workspace.')),
    user: personal('quote', json('The member who made the key.')),
    role: text("The member's role."),
    permissions: list("The member's permissions."),
    scopes: list('The scopes of the key.'),
    read_only: flag('Whether the member may only read.'),
  },
});
