import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseStartArguments, type StartOptions, usage } from './arguments.ts';
import { currentAssembly } from './assembly.ts';
import { startCloud } from './cloud/cloud.ts';
import { checkFolderSource } from './folder-source.ts';
import { checkApi, checkPaths } from './preflight.ts';
import { createProgressDisplay } from './progress-display.ts';
import { reportFile } from './report-file.ts';
import { runMain } from './run-main.ts';
import { localEnvironment, runPipeline } from './run-pipeline.ts';
import { simulatorEpochs } from './simulator-epochs.ts';
import { type Simulator, startSimulator } from './simulator/simulator.ts';
import { answersFrom, memoryLine, summaryOf } from './summary.ts';
import { storedSecret, watch, watchSecret } from './watch.ts';

/** `npm start`: the whole pipeline on this machine, as the README tells. */

/** Budgets of a local run: the simulator takes what the machine gives; a real API is spared, and the limiter slows down on 429. */
const simulatorRequestsPerMinute = 1_000_000;
const apiRequestsPerMinute = 6_000;

await runMain(async () => {
  if (process.argv.includes('--help')) {
    say(`Usage: ${usage}`);
    return 0;
  }
  const startedAt = new Date();
  const options = parseStartArguments(process.argv.slice(2), process.env);
  const isApi = options.apiUrl !== undefined && options.apiKey !== undefined;
  const workspace = isApi ? await checkApi(options.apiUrl, options.apiKey) : null;
  await checkPaths(options.out, options.report);
  await checkFolderSource(options.out, { kind: isApi ? 'api' : 'simulator', workspace });
  say('Building the functions and the template that wires them …');
  const assembly = await currentAssembly();

  const secret = watchSecret(process.env);
  const source = await startSource(options, startedAt);
  say(source.banner);
  const cloud = await startCloud({
    assembly,
    out: resolve(options.out),
    environment: localEnvironment({
      apiUrl: source.baseUrl,
      streams: options.streams,
      startDate: options.startDate,
      requestsPerMinute: options.requestsPerMinute ?? source.requestsPerMinute,
    }),
    httpPort: options.webhookPort,
    secrets: { apiKey: source.apiKey, webhook: storedSecret(secret) },
  });
  try {
    const report = await runPipeline(cloud, {
      out: resolve(options.out),
      now: startedAt,
      fullRefresh: options.fullRefresh,
      display: createProgressDisplay(process.stdout, startedAt.getTime()),
      onResume: (runId) => say(`Run ${runId} was interrupted; it goes on.`),
    });
    if (options.report) await writeFile(options.report, `${JSON.stringify(reportFile(report), null, 2)}\n`);
    say(`\n${summaryOf(report, (Date.now() - startedAt.getTime()) / 1_000)}`);
    say(`${memoryLine(cloud.memory())}\n`);
    say(await answersFrom(options.out));
    say(
      `\nTables: ${options.out}/lake/<table>/dt=YYYY-MM-DD/*.parquet   Ask them: npm run query -- "SELECT count(*) FROM leads"`,
    );
    if (options.watch) {
      const { baseUrl: apiUrl, simulator } = source;
      await watch({ out: options.out, cloud, secret, apiUrl, simulator, say });
    }
    return report.status === 'complete' ? 0 : 1;
  } finally {
    await cloud.stop();
    await source.stop();
  }
});

interface Source {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly requestsPerMinute: number;
  readonly banner: string;
  readonly simulator: Simulator | undefined;
  stop(): Promise<void>;
}

async function startSource(options: StartOptions, now: Date): Promise<Source> {
  if (options.apiUrl && options.apiKey) {
    const { apiUrl: baseUrl, apiKey } = options;
    return {
      baseUrl,
      apiKey,
      requestsPerMinute: apiRequestsPerMinute,
      banner: `Reading ${baseUrl}.`,
      simulator: undefined,
      stop: async () => {},
    };
  }
  const epochs = await simulatorEpochs(options.out, options.leads, now);
  const simulator = await startSimulator({ leads: options.leads, epochs });
  return {
    baseUrl: simulator.baseUrl,
    apiKey: simulator.apiKey,
    requestsPerMinute: simulatorRequestsPerMinute,
    banner: `Reading a simulated workspace of ${options.leads.toLocaleString('en-US')} leads (run ${epochs.length} on this folder).`,
    simulator,
    stop: () => simulator.stop(),
  };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
