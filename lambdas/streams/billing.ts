import { flag, json, resource, stream, text } from './declare.ts';

const domain = 'Billing';

export const billingSubscription = stream({
  name: 'billing_subscription',
  domain,
  description: 'The subscription of the workspace, once a run.',
  path: '/billing/subscription',
  shape: 'single',
  scope: 'billing.read',
  key: ['id'],
  columns: {
    ...resource,
    status: text('Status of the subscription.'),
    plan: text('Name of the plan.'),
  },
});

export const billingUsage = stream({
  name: 'billing_usage',
  domain,
  description: 'Trial state and e-mail usage of the workspace, once a run.',
  path: '/billing/usage',
  shape: 'single',
  scope: 'billing.read',
  key: ['id'],
  columns: {
    ...resource,
    active_trial: flag('Whether a trial is running.'),
    usage: json('Usage counters, as the API gives them.'),
  },
});
