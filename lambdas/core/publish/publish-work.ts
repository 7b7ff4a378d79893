import type { PersonalChoice } from '../../contract/personal-data.ts';
import type { MergePorts } from '../current/table-draft.ts';
import type { PagePorts, PageSettings } from '../page/write-page.ts';
import type { Announcer, Metrics, Queue } from '../ports.ts';
import type { AnnounceSettings } from './announce-run.ts';
import type { EndPorts } from './is-run-over.ts';
import type { MergeSettings } from './merge-run.ts';
import type { RoundSettings } from './next-round.ts';
import type { QuietHour } from './quiet-hour.ts';
import type { ReceiptMemory } from './read-evidence.ts';

export interface PublishPorts extends MergePorts, EndPorts {
  readonly extractQueue: Queue;
  readonly publishQueue: Queue;
  readonly announcer: Announcer;
  readonly metrics: Metrics;
  /** The dead-letter queues, by name, for the page. @default none */
  readonly deadLetters?: PagePorts['deadLetters'];
  /** Whether the message becomes a dead letter if this check throws. @default false */
  readonly isLastDelivery?: boolean;
  /** @default none: each check reads every receipt */
  readonly receipts?: ReceiptMemory;
  /** @default none: each run looks for problems that it solves, and writes the page */
  readonly quietHour?: QuietHour;
}

export interface PublishSettings extends MergeSettings, RoundSettings, AnnounceSettings {
  readonly publishCheckSeconds: number;
  /** What the workspace drops and hashes. @default nothing */
  readonly personalData?: PersonalChoice;
  /** @default no page is written */
  readonly page?: PageSettings;
}
