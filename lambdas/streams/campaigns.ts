import { flag, personal, resource, stream, text } from './declare.ts';

const domain = 'Campaigns';
const scope = 'campaigns.read';

export const campaigns = stream({
  name: 'campaigns',
  domain,
  description: 'Outbound campaigns.',
  path: '/campaigns',
  shape: 'list',
  scope,
  key: ['id'],
  byId: '/campaigns/{campaign_id}',
  childReading: 'every-night',
  columns: {
    ...resource,
    status: text('Status of the campaign.'),
    enabled: flag('Whether the campaign is switched on.'),
    prospector_workflow_id: text('The prospector workflow that feeds the campaign.'),
  },
});

export const campaignLogs = stream({
  name: 'campaign_logs',
  domain,
  description: 'Log lines of each campaign.',
  path: '/campaigns/{campaign_id}/logs',
  shape: 'list',
  scope,
  key: ['campaign_id', 'id'],
  parent: { stream: 'campaigns', key: 'campaign_id' },
  columns: {
    ...resource,
    level: text('Severity of the line.'),
    message: personal('quote', text('What happened.')),
  },
});

export const campaignRuns = stream({
  name: 'campaign_runs',
  domain,
  description: 'Runs of each campaign.',
  path: '/campaigns/{campaign_id}/runs',
  shape: 'list',
  scope,
  key: ['campaign_id', 'id'],
  parent: { stream: 'campaigns', key: 'campaign_id' },
  childReading: 'until-settled',
  columns: {
    ...resource,
    status: text('Status of the run.'),
  },
});

export const campaignRunEvents = stream({
  name: 'campaign_run_events',
  domain,
  description: 'What happened in each campaign run.',
  path: '/campaigns/runs/{run_id}/events',
  shape: 'list',
  scope,
  key: ['run_id', 'id'],
  parent: { stream: 'campaign_runs', key: 'run_id' },
  columns: {
    ...resource,
    type: text('Kind of event.'),
    summary: personal('quote', text('One line about the event.')),
  },
});
