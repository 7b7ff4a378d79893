/** `prospect-lake check-columns`: for apps that deploy with `cdk deploy`, which does not look at the tables. */

import { z } from 'zod';
import { createAwsCloud } from '../../doctor/aws/cloud.ts';
import { createS3Store } from '../../lambdas/adapters/s3-store.ts';
import { stackNames } from '../../lambdas/contract/outputs.ts';
import { chosenConfig } from '../../local/cli/chosen-workspace.ts';
import { programCommand } from '../../local/cli/command-names.ts';
import { command } from '../../local/cli/run-command.ts';
import { writeLine } from '../../local/cli/terminal.ts';
import { checkCustomColumns } from './check-custom-columns.ts';

export const checkColumns = command({
  ...programCommand('check-columns'),
  flags: { workspace: { value: '<name>', help: 'workspace of the configuration, if it has several' } },
  input: z.strictObject({ workspace: z.string().optional() }),
  async run({ workspace }) {
    const { name, region, customColumns } = await chosenConfig(workspace);
    if (region !== undefined) process.env['AWS_REGION'] = region;
    const deployed = await (await createAwsCloud(region)).stack(stackNames(name).data);
    const bucket = deployed?.outputs.get('BucketName');
    if (bucket !== undefined) await checkCustomColumns(createS3Store(bucket), customColumns);
    writeLine(
      process.stdout,
      bucket === undefined
        ? `Workspace '${name}' is not deployed yet: there are no tables to compare.`
        : `The custom columns of workspace '${name}' can be deployed: none has another type in its table.`,
    );
    return 0;
  },
});
