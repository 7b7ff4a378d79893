import { integer, personal, resource, stream, text, time } from './declare.ts';

const domain = 'Inbox';
const scope = 'inbox.read';

export const inboxThreads = stream({
  name: 'inbox_threads',
  domain,
  description: 'Conversations in the inbox.',
  path: '/inbox/threads',
  shape: 'list',
  scope,
  key: ['id'],
  limit: true,
  hints: [{ child: 'lead_messages', column: 'lead_id' }],
  about: { stream: 'leads', column: 'lead_id' },
  byId: '/inbox/threads/{thread_id}',
  columns: {
    ...resource,
    lead_id: text('The lead that the thread is with.'),
    lead_name: personal('name', text('Name of the lead.')),
    message_count: integer('Messages in the thread.'),
    last_message_at: time('When the newest message came.'),
  },
});

export const inboxMessages = stream({
  name: 'inbox_messages',
  domain,
  description: 'Messages of each inbox thread.',
  path: '/inbox/threads/{thread_id}/messages',
  shape: 'list',
  scope,
  key: ['thread_id', 'id'],
  parent: { stream: 'inbox_threads', key: 'thread_id' },
  columns: {
    ...resource,
    direction: text('Inbound or outbound.'),
    channel: text('Channel, such as e-mail.'),
    subject: personal('subject', text('Subject line.')),
    body: personal('body', text('What was written.')),
  },
});
