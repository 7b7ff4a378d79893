/** Small test streams: a list whose rows can be read by id, and its children. */

import { stream, text, time } from '../../lambdas/streams/declare.ts';

const columns = {
  id: text('Id.'),
  title: text('Title.'),
  updated_at: time('When it changed.'),
};

export const people = stream({
  name: 'people',
  domain: 'Test',
  description: 'People.',
  path: '/people',
  shape: 'list',
  scope: 'people.read',
  key: ['id'],
  byId: '/people/{person_id}',
  columns,
});

export const notes = stream({
  name: 'notes',
  domain: 'Test',
  description: 'Notes of a person.',
  path: '/people/{person_id}/notes',
  shape: 'list',
  scope: 'people.read',
  key: ['person_id', 'id'],
  parent: { stream: 'people', key: 'person_id' },
  columns,
});
