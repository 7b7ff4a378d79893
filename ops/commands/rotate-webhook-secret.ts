import { z } from 'zod';
import { watchCommand } from '../../local/cli/out-flag.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { invokeFunction } from '../adapters/functions.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { changeCommand } from '../command.ts';

export const rotateWebhookSecret = changeCommand({
  ...opsCommandNamed('rotate-webhook-secret'),
  flags: { revoke: { help: 'stop accepting the old secret at once, because it may have leaked' } },
  input: z.strictObject({ revoke: z.boolean().default(false) }),
  async prepare({ workspace, pipeline, local }, { revoke }) {
    const { RegisterFunctionName: register, WebhookUrl: url, WebhookEvents: events } = pipeline;
    if (!register || !url || !events)
      throw new UsageError(`Webhooks are switched off for workspace ${workspace}: there is no secret to rotate.`);
    if (local && !local.isSimulated)
      throw new UsageError(
        `The vendor knows of no endpoint of this folder, and none is made: ${watchCommand(local.out)} takes the secret from PROSPECTB2B_WEBHOOK_SECRET.`,
      );
    const what = local
      ? `Takes a new secret from the simulator into the secrets of this folder; the vendor is not asked. ${watchCommand(local.out)} begins with a secret of its own each time.`
      : `Registers ${url} anew with the vendor, which gives a new secret, and deletes the old endpoint of workspace ${workspace}.`;
    return {
      lines: [
        what,
        revoke
          ? 'Deliveries that were signed with the old secret are refused within a minute; the vendor sends them again, and the next night reads what they spoke of.'
          : 'Deliveries that were signed with the old secret are still taken until it expires.',
      ],
      async act() {
        await invokeFunction(register, { action: 'rotate', url, events, revoke });
        return { lines: ['The secret is rotated.'], data: { rotated: true } };
      },
    };
  },
});
