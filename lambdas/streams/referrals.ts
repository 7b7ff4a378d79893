import { integer, personal, resource, stream, text } from './declare.ts';

const domain = 'Referrals';
const scope = 'referrals.read';

export const referrals = stream({
  name: 'referrals',
  domain,
  description: 'Referral activity.',
  path: '/referrals',
  shape: 'list',
  scope,
  key: ['id'],
  columns: {
    ...resource,
    email: personal('email', text('E-mail address that was referred.')),
    status: text('Status of the referral.'),
  },
});

export const referralSummary = stream({
  name: 'referral_summary',
  domain,
  description: 'Totals of the referrals, once a run.',
  path: '/referrals/summary',
  shape: 'single',
  scope,
  key: ['id'],
  columns: {
    ...resource,
    total_referrals: integer('Referrals in all.'),
    qualified_referrals: integer('Referrals that qualified.'),
  },
});
