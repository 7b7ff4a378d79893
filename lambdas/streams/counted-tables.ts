import type { CountedTable } from '../contract/counted-table.ts';
import { campaignRuns } from './campaigns.ts';
import { leads } from './leads.ts';
import { leadMessages } from './messages.ts';

/** The tables whose rows the page of a run plots. */
export const countedTables = {
  leads: { table: leads.name, trueIn: 'is_qualified' },
  messages: {
    table: leadMessages.name,
    weekly: { time: 'created_at', category: 'channel' },
    conversation: { parent: leadMessages.parent.key, direction: 'direction' },
  },
  campaignRuns: { table: campaignRuns.name, weekly: { time: 'created_at', category: 'status' } },
} as const satisfies Record<string, CountedTable>;
