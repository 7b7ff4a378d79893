import type { Command } from './command.ts';
import { audit } from './commands/audit.ts';
import { approveDeletions } from './commands/approve-deletions.ts';
import { backfill } from './commands/backfill.ts';
import { forget } from './commands/forget.ts';
import { pause, resume } from './commands/pause.ts';
import { rehash } from './commands/rehash.ts';
import { replayDeadLetters } from './commands/replay-dead-letters.ts';
import { replayRejected } from './commands/replay-rejected.ts';
import { rotateWebhookSecret } from './commands/rotate-webhook-secret.ts';
import { run } from './commands/run.ts';
import { status } from './commands/status.ts';
import { supportBundle } from './commands/support-bundle.ts';
import { trace } from './commands/trace.ts';

/** Every command of `npx prospect-lake ops`, in the order of the usage text. */
export const commands: readonly Command[] = [
  status,
  run,
  backfill,
  replayDeadLetters,
  replayRejected,
  pause,
  resume,
  rotateWebhookSecret,
  approveDeletions,
  audit,
  trace,
  forget,
  rehash,
  supportBundle,
];
