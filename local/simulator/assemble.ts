import { streams } from '../../lambdas/streams/registry.ts';
import { SimulatedApi } from './api.ts';
import { ExportJobs } from './exports.ts';
import { readOperations } from './operations.ts';
import { defaultSettings, type SimulatorOptions, type SimulatorSettings } from './options.ts';
import { Oracle } from './oracle.ts';
import { leadWrites } from './routes/lead-writes.ts';
import { readRoutes } from './routes/reads.ts';
import { webhookWrites } from './routes/webhook-writes.ts';
import { workspaceWrites } from './routes/workspace-writes.ts';
import { FalseAnswers } from './false-answers.ts';
import { Webhooks } from './webhooks.ts';
import { Workspace } from './workspace.ts';

const operations = readOperations();
const scopes = [...new Set(operations.map(({ scope }) => scope))];

/** All parts of the simulator except its HTTP server. */
export interface Assembled {
  readonly workspace: Workspace;
  readonly exports: ExportJobs;
  readonly webhooks: Webhooks;
  readonly falseAnswers: FalseAnswers;
  readonly oracle: Oracle;
  readonly api: SimulatedApi;
  settings(): SimulatorSettings;
  /** Changes settings, from the next request on. */
  configure(changes: Partial<SimulatorSettings>): void;
}

/**
 * Makes the parts of a simulator.
 * @throws RangeError if the epochs are not valid times at least 20 ms apart
 */
export function assemble(options: Omit<SimulatorOptions, 'port'>): Assembled {
  const {
    leads = 2_000,
    seed = 1,
    numericIds = false,
    customFields = false,
    importErrorsPerRow = 1,
    ...more
  } = options;
  const { now = () => new Date(), epochs = [now()], ...given } = more;
  let current: SimulatorSettings = { ...defaultSettings(scopes), ...given };
  const settings = () => current;
  const workspace = new Workspace({ seed, leads, epochs, numericIds, customFields, importErrorsPerRow, now, settings });
  for (const { name } of streams) {
    if (!workspace.hasTable(name))
      process.stderr.write(
        `The simulator has no table '${name}', so reading it ends with 404: CONTRIBUTING.md, "Add a stream", step 3.\n`,
      );
  }
  const exports = new ExportJobs(workspace, settings);
  const webhooks = new Webhooks(workspace, settings);
  const falseAnswers = new FalseAnswers(seed);
  const routes = { ...readRoutes(operations), ...leadWrites, ...workspaceWrites, ...webhookWrites };
  return {
    workspace,
    exports,
    webhooks,
    falseAnswers,
    oracle: new Oracle(workspace, settings),
    api: new SimulatedApi({ operations, routes, sources: { workspace, exports, webhooks, falseAnswers }, settings }),
    settings,
    configure: (changes) => {
      current = { ...current, ...changes };
    },
  };
}
