import { expect, it } from 'vitest';
import { MessageJournal } from '../../../../local/cloud/sqs/message-journal.ts';
import { StateFile } from '../../../../local/cloud/state-file.ts';
import { temporaryFolder } from '../fixture-assembly.ts';

it('a message that was sent while the clock was ahead waits no longer than it was to wait', async () => {
  const folder = await temporaryFolder();
  const state = new StateFile(folder.path);
  const journal = new MessageJournal(state);
  const sentTimestamp = Date.now() + 40 * 86_400_000;
  const message = { messageId: 'm', body: '{}', md5OfBody: '', messageAttributes: {}, md5OfMessageAttributes: '' };
  journal.sent('q', { ...message, sentTimestamp, delayUntil: sentTimestamp + 2_000, approximateReceiveCount: 0 });
  const [loaded] = journal.load('q');
  expect(loaded?.delayUntil).toBeLessThanOrEqual(Date.now() + 2_000);
  state.close();
  await folder.remove();
});
