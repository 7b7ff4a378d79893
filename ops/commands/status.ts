import { z } from 'zod';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { readCommand } from '../command.ts';
import { readStatus } from '../status/read-status.ts';
import { statusLines } from '../status/status-lines.ts';

export const status = readCommand({
  ...opsCommandNamed('status'),
  flags: {},
  input: z.strictObject({}),
  async read(target) {
    const { facts, state, missing, unreadableKeys } = await readStatus(target);
    const { isPaused, isWell, underWay, runs, queues, missedRuns } = facts;
    return {
      lines: statusLines(facts, target.terminal),
      data: {
        paused: isPaused,
        ...state,
        underWay,
        runs,
        queues,
        missedRuns,
        missingNight: missing ?? null,
        unreadable: unreadableKeys,
      },
      ok: isWell,
    };
  },
});
