/** `prospect-lake policies`: writes the IAM policies of a workspace as files for `aws iam create-policy`. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { keyArn } from '../lib/config/kms-key-field.ts';
import { configFileName } from '../lib/config/load-workspaces.ts';
import { workspaceNamed } from '../local/cli/chosen-workspace.ts';
import { configuredWorkspaces, noteIfDefault } from '../local/cli/configured-workspaces.ts';
import { programCommand } from '../local/cli/command-names.ts';
import { command } from '../local/cli/run-command.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import { policies } from './policies.ts';
import { policyTargetOf } from './policy-target.ts';

export const writePolicies = command({
  ...programCommand('policies'),
  flags: {
    workspace: {
      value: '<name>',
      help: 'workspace of the configuration, if there are several; its account, region and key are taken from there',
    },
    account: { value: '<12 digits>', help: 'AWS account, if the configuration names none' },
    region: { value: '<region>', help: 'AWS region, if the configuration names none' },
    'kms-key': { value: '<arn>', help: 'ARN of the KMS key, if the configuration names none' },
    out: { value: '<folder>', help: 'folder to write to; default: policies.out/<workspace>' },
  },
  input: z.strictObject({
    workspace: z.string().optional(),
    account: z
      .string()
      .regex(/^\d{12}$/, '--account wants the 12 digits of an AWS account')
      .optional(),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, '--region wants a region such as eu-central-1')
      .optional(),
    kmsKey: z.string().regex(keyArn, '--kms-key wants the ARN of a KMS key that ends in its id').optional(),
    out: z.string().optional(),
  }),
  async run({ workspace, account, region, kmsKey, out }) {
    const configured = await configuredWorkspaces();
    noteIfDefault(configured);
    const config = workspaceNamed(workspace, configured);
    for (const [flag, given, configured] of [
      ['--account', account, config.account],
      ['--region', region, config.region],
      ['--kms-key', kmsKey, config.kmsKeyArn],
    ])
      if (given !== undefined && configured !== undefined && given !== configured)
        throw new UsageError(
          `The configuration has ${configured} for workspace '${config.name}', and ${flag} says ${given}. Leave out ${flag}, or change ${configFileName()}.`,
        );
    const target = policyTargetOf({
      ...config,
      account: account ?? config.account,
      region: region ?? config.region,
      kmsKeyArn: kmsKey ?? config.kmsKeyArn,
    });
    const folder = out ?? join('policies.out', config.name);
    mkdirSync(folder, { recursive: true });
    for (const [name, make] of Object.entries(policies))
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(make(target), null, 2)}\n`);
    const open = target.region === '*' || target.account.includes('?');
    process.stdout.write(
      `${Object.keys(policies).join(', ')}: ${folder}\n${open ? 'Account or region is not known, so the policies hold for any, and in S3 also for a workspace whose name begins with this one. Give --account and --region to bound them.\n' : ''}`,
    );
    return 0;
  },
});
