import { personal, resource, stream, text } from './declare.ts';

export const leadMessages = stream({
  name: 'lead_messages',
  domain: 'Messages',
  description: 'Messages with each lead.',
  path: '/leads/{lead_id}/messages',
  shape: 'list',
  scope: 'messages.read',
  key: ['lead_id', 'id'],
  parent: { stream: 'leads', key: 'lead_id' },
  columns: {
    ...resource,
    direction: text('Inbound or outbound.'),
    channel: text('Channel, such as e-mail.'),
    subject: personal('subject', text('Subject line.')),
    body: personal('body', text('What was written.')),
  },
});
