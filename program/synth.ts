import { z } from 'zod';
import { prospectLakeApp } from '../lib/app.ts';
import { programCommand } from '../local/cli/command-names.ts';
import { configuredWorkspaces, noteIfDefault } from '../local/cli/configured-workspaces.ts';
import { path } from '../local/cli/flag-values.ts';
import { command } from '../local/cli/run-command.ts';

/** Not `cdk.out`: the CDK app of whoever installed the package writes there. */
const defaultFolder = 'templates.out';

export const synth = command({
  ...programCommand('synth'),
  flags: { out: { value: '<dir>', help: `folder to write to; default: ${defaultFolder}` } },
  input: z.strictObject({ out: path('--out').default(defaultFolder) }),
  async run({ out }) {
    const workspaces = await configuredWorkspaces();
    noteIfDefault(workspaces);
    const app = prospectLakeApp(workspaces, { outdir: out });
    for (const { stackName, templateFile } of app.synth().stacksRecursively)
      process.stdout.write(`${stackName}: ${out}/${templateFile}\n`);
    return 0;
  },
});
