import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseStartArguments, usage } from './arguments.ts';
import { currentAssembly } from './assembly.ts';
import { startCloud } from './cloud/cloud.ts';
import { checkFolderSource } from './folder-source.ts';
import { checkApi, checkPaths } from './preflight.ts';
import { createProgressDisplay } from './progress-display.ts';
import { reportFile } from './report-file.ts';
import { runCommand } from './run-main.ts';
import { localEnvironment, runPipeline } from './run-pipeline.ts';
import { apiSource, startChangedSimulator } from './source.ts';
import { answersFrom, memoryLine, summaryOf } from './summary.ts';
import { UsageError } from './usage-error.ts';
import { storedSecret, watch, watchSecret } from './watch.ts';

/** `npm start`: the whole pipeline on this machine, as the README tells. */

await runCommand(usage, async (args) => {
  const startedAt = new Date();
  const options = parseStartArguments(args, process.env);
  const { apiUrl, apiKey } = options;
  const isApi = apiUrl !== undefined && apiKey !== undefined;
  const workspace = isApi ? await checkApi(apiUrl, apiKey) : null;
  await checkPaths(options.out, options.report);
  await checkFolderSource(options.out, { kind: isApi ? 'api' : 'simulator', workspace });
  say('Building the functions and the template that wires them …');
  const assembly = await currentAssembly();

  const secret = watchSecret(process.env);
  const source = isApi ? apiSource(apiUrl, apiKey) : await startChangedSimulator(options.out, options.leads, startedAt);
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
    if (cloud.isPaused)
      throw new UsageError(`The pipeline is paused. Let it go on: npm run ops -- resume --local --out ${options.out}`);
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

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
