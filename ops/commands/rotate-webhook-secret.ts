import { z } from 'zod';
import { UsageError } from '../../local/cli/usage-error.ts';
import { invokeFunction } from '../adapters/functions.ts';
import { changeCommand } from '../command.ts';

export const rotateWebhookSecret = changeCommand({
  name: 'rotate-webhook-secret',
  summary: 'Takes a new signing secret from the vendor; the old one stays valid until the next rotation.',
  flags: {},
  input: z.strictObject({}),
  async prepare({ workspace, pipeline, local }) {
    const { RegisterFunctionName: register, WebhookUrl: url, WebhookEvents: events } = pipeline;
    if (!register || !url || !events)
      throw new UsageError(`Webhooks are switched off for workspace ${workspace}: there is no secret to rotate.`);
    if (local && !local.isSimulated)
      throw new UsageError(
        'The vendor knows of no endpoint of this folder, and none is made: npm start -- --watch takes the secret from PROSPECTB2B_WEBHOOK_SECRET.',
      );
    const what = local
      ? 'Takes a new secret from the simulator into the secrets of this folder; the vendor is not asked. npm start -- --watch begins with a secret of its own each time.'
      : `Registers ${url} anew with the vendor, which gives a new secret, and deletes the old endpoint of workspace ${workspace}.`;
    return {
      lines: [what, 'Deliveries that were signed with the old secret are still taken.'],
      async act() {
        await invokeFunction(register, { action: 'rotate', url, events });
        return { lines: ['The secret is rotated.'], data: { rotated: true } };
      },
    };
  },
});
