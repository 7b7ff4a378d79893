import { defineConfig } from 'prospect-lake';

/**
 * Two workspaces in one account. Save this as `prospect-lake.config.ts` beside your app, or as `.mjs` for Node older
 * than 24. In a checkout of Prospect Lake, import from './lib/config/config.ts' instead.
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
