import { defineConfig } from '../lib/config/config.ts';

/**
 * Two workspaces in one account. If you save this as `prospect-lake.config.ts` at the root of the project, import from
 * './lib/config/config.ts'.
 */
export const workspaces = defineConfig([
  {
    name: 'sales',
    schedule: { cron: '0 1 * * ? *', timezone: 'Europe/Zurich' },
    alarmEmail: 'data@example.com',
    // No message text reaches a table; people are told apart by a hash of their address.
    personalData: { drop: ['body', 'subject'], hash: ['email', 'phone'] },
  },
  {
    name: 'partners',
    streams: ['leads', 'lead_messages', 'campaigns'],
    retention: { rawDays: 7, historyDays: 365 },
    webhooks: { enabled: false },
  },
]);
