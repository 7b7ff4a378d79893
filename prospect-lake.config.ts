import { defineConfig } from './lib/config/config.ts';

/**
 * The workspaces to deploy. Each has its own stacks, so one account can hold several independent workspaces. Only the
 * name is required. docs/configuration.md lists every field, its values and its default.
 *
 *   { name: 'sales', region: 'eu-central-1', schedule: { cron: '0 3 * * ? *', timezone: 'Europe/Zurich' } }
 *   { name: 'partners', streams: ['leads', 'lead_messages'], personalData: { drop: ['body'], hash: ['email'] } }
 */
export const workspaces = defineConfig([{ name: 'main' }]);
