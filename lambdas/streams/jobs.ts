import { json, number, personal, resource, stream, text, time } from './declare.ts';

const domain = 'Jobs';
const scope = 'jobs.read';

export const jobs = stream({
  name: 'jobs',
  domain,
  description: 'Long-running jobs of the workspace.',
  path: '/jobs',
  shape: 'list',
  scope,
  key: ['id'],
  byId: '/jobs/{job_id}',
  childReading: 'until-settled',
  columns: {
    ...resource,
    type: text('Kind of job.'),
    status: text('Status of the job.'),
    started_at: time('When the job began.'),
    finished_at: time('When the job ended.'),
    progress: number('Progress, as the API gives it.'),
    result: personal('quote', json('What the job gave.')),
    error: personal('quote', json('Why the job failed.')),
  },
});

export const jobEvents = stream({
  name: 'job_events',
  domain,
  description: 'Event history of each job.',
  path: '/jobs/{job_id}/events',
  shape: 'list',
  scope,
  key: ['job_id', 'id'],
  parent: { stream: 'jobs', key: 'job_id' },
  columns: {
    ...resource,
    level: text('Severity of the event.'),
    message: personal('quote', text('What happened.')),
  },
});
