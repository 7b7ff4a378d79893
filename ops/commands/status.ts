import { z } from 'zod';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { readCommand } from '../command.ts';
import { wholeNumber } from '../../local/cli/flag-values.ts';
import { daysListed, runsShown } from '../lake/run-facts.ts';
import { readStatus } from '../status/read-status.ts';
import { judgment } from '../status/judgment.ts';
import { mostRuns, statusLines } from '../status/status-lines.ts';

export const status = readCommand({
  ...opsCommandNamed('status'),
  flags: {
    runs: {
      value: '<n>',
      help: `list the last n runs of ${daysListed} days; default: those of the last days, at most ${runsShown}`,
    },
  },
  input: z.strictObject({ runs: wholeNumber('--runs', { least: 1, most: mostRuns }).optional() }),
  async read(target, { runs: most }) {
    const { facts, state, missing, unreadableKeys } = await readStatus(target, most);
    const { isPaused, isWell, underWay, runs, moreRuns, queues, missedRuns } = facts;
    return {
      lines: statusLines(facts, target.terminal),
      data: {
        ...judgment(facts),
        paused: isPaused,
        ...state,
        underWay,
        runs,
        runsNotListed: moreRuns ?? 0,
        queues,
        missedRuns,
        missingNight: missing ?? null,
        unreadable: unreadableKeys,
      },
      ok: isWell,
    };
  },
});
