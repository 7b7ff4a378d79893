import { personal, resource, stream, text } from './declare.ts';

export const supportTickets = stream({
  name: 'support_tickets',
  domain: 'Support',
  description: 'Support tickets.',
  path: '/support/tickets',
  shape: 'list',
  scope: 'support.read',
  key: ['id'],
  byId: '/support/tickets/{ticket_id}',
  columns: {
    ...resource,
    subject: personal('subject', text('Subject line.')),
    body: personal('body', text('What was written.')),
    status: text('Status of the ticket.'),
    source: text('Where the ticket came from.'),
  },
});
