import { expect, it } from 'vitest';
import { pipe } from '../../../local/cli/terminal.ts';
import { type StatusFacts, statusLines } from '../../../ops/status/status-lines.ts';
import { calm, night } from '../../support/status-facts.ts';

const screen = (facts: StatusFacts) => statusLines(facts, { ...pipe, width: Number.POSITIVE_INFINITY }).join('\n');

it('a night that the API slowed down says by how much, and what to do if that happens each night', () => {
  const limited = { answers: 120, milliseconds: 840_000, requestsPerMinute: 60 };
  expect(screen({ ...calm, runs: [night(24, { limited })] })).toContain(
    '  The API slowed this run down: 120 of 4 requests were answered 429, and the run waited 14 min for that. If this happens each night, lower requestsPerMinute (60 now), or ask ProspectB2B for a larger budget.\n',
  );
  const briefly = { ...limited, answers: 1, milliseconds: 3_500 };
  expect(screen({ ...calm, runs: [night(24, { limited: briefly })] })).not.toContain('slowed');
});
