import { json, resource, stream, text } from './declare.ts';

const domain = 'Prospector';
const scope = 'prospector.read';

export const prospectorConfig = stream({
  name: 'prospector_config',
  domain,
  description: 'Settings of the prospector, once a run.',
  path: '/prospector/config',
  shape: 'single',
  scope,
  key: ['id'],
  columns: {
    ...resource,
    timezone: text('Time zone of the prospector.'),
    states: json('States that are searched, as the API gives them.'),
  },
});

export const prospectorWorkflows = stream({
  name: 'prospector_workflows',
  domain,
  description: 'Prospecting workflows.',
  path: '/prospector/workflows',
  shape: 'list',
  scope,
  key: ['id'],
  byId: '/prospector/workflows/{workflow_id}',
  childReading: 'every-night',
  columns: {
    ...resource,
    name: text('Name of the workflow.'),
    status: text('Status of the workflow.'),
  },
});

export const prospectorRuns = stream({
  name: 'prospector_runs',
  domain,
  description: 'Runs of each prospecting workflow.',
  path: '/prospector/workflows/{workflow_id}/runs',
  shape: 'list',
  scope,
  key: ['workflow_id', 'id'],
  parent: { stream: 'prospector_workflows', key: 'workflow_id' },
  childReading: 'until-settled',
  columns: {
    ...resource,
    status: text('Status of the run.'),
  },
});

export const prospectorResults = stream({
  name: 'prospector_results',
  domain,
  description: 'What each prospecting run found.',
  path: '/prospector/runs/{run_id}/results',
  shape: 'list',
  scope,
  key: ['run_id', 'id'],
  parent: { stream: 'prospector_runs', key: 'run_id' },
  about: { stream: 'leads', column: 'lead_id' },
  columns: {
    ...resource,
    lead_id: text('The lead that was found.'),
    company_name: text('Company of the lead.'),
  },
});
