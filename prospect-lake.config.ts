import { defineConfig } from './lib/config/config.ts';

/**
 * The workspaces to deploy, each in stacks of its own; several stand in one account without touching each
 * other. Only the name has to be given. Every field, what it takes and its default: docs/configuration.md.
 *
 *   { name: 'sales', region: 'eu-central-1', schedule: { cron: '0 3 * * ? *', timezone: 'Europe/Zurich' } }
 *   { name: 'partners', streams: ['leads', 'lead_messages'], personalData: { drop: ['body'], hash: ['email'] } }
 */
export const workspaces = defineConfig([{ name: 'main' }]);
