import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { reportWithFlags } from '../../lambdas/core/runs/commands.ts';
import { runError } from '../../lambdas/core/runs/run-error.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { folderObjects } from '../run/folder-objects.ts';
import { configuredColumns } from '../run/folder-source.ts';
import { readTables } from '../run/read-tables.ts';
import { forgetRefusedStart } from '../run/refused-start.ts';
import { hasEarlierRun, runPipeline } from '../run/run-pipeline.ts';
import type { Source } from '../run/source.ts';
import { writtenPage } from '../run/written-page.ts';
import { deadLettersLeft } from './dead-letters-left.ts';
import { createProgressDisplay } from './progress-display.ts';
import { reportFile } from './report-file.ts';
import { prepareAnswers, sampleAnswers } from './sample-answers.ts';
import type { StartOptions } from './start-options.ts';
import { folderFlags, pageCommand, queryCommand } from './suggested-command.ts';
import { isSuccess, memoryLine, summaryOf } from './summary.ts';
import { terminalOf, writeLine } from './terminal.ts';

/**
 * Runs the pipeline once, and prints its summary and what stands besides.
 * @returns whether nothing needs a person, as `ops status` says
 */
export async function loadOnce(
  cloud: Cloud,
  source: Source,
  {
    options,
    startedAt,
    workspace,
  }: { readonly options: StartOptions; readonly startedAt: Date; readonly workspace: string },
): Promise<boolean> {
  const { out } = options;
  await source.storeEpochs();
  const isFirst = !(await hasEarlierRun(out));
  // This process has little to do while the functions work.
  if (isFirst) void prepareAnswers();
  const { report, confirmed } = await runPipeline(cloud, {
    out: resolve(out),
    now: startedAt,
    fullRefresh: options.fullRefresh,
    streams: options.streams,
    requestsPerMinute: source.requestsPerMinute,
    display: createProgressDisplay(process.stdout),
    onResume: (runId, hasFailed) =>
      say(
        hasFailed
          ? `Run ${runId} had failed when it was interrupted. It ends, and another run begins.`
          : `Run ${runId} was interrupted; it goes on.`,
      ),
  });
  await forgetRefusedStart(out);
  const opsFlags = await folderFlags(out);
  const customColumns = await configuredColumns(out);
  const reported = reportFile(reportWithFlags(report, opsFlags), customColumns);
  if (options.report) await writeFile(options.report, `${JSON.stringify(reported, null, 2)}\n`);
  const terminal = terminalOf(process.stdout);
  const { allTables } = options;
  const shown = { out, terminal, allTables, opsFlags, confirmed, customColumns };
  say(`\n${summaryOf(report, shown)}`);
  if (allTables) say(memoryLine(cloud.memory()));
  const deadLetters = await deadLettersLeft(cloud, out);
  for (const line of deadLetters) say(line);
  let isWell = isSuccess(report) && deadLetters.length === 0;
  // A first run has no earlier one that left something. It need not load the SDK, which takes 0.3 s.
  if (!isFirst) {
    const { standingInFolder } = await import('../../ops/status/standing-after.ts');
    const isSimulated = source.simulator !== undefined;
    const { endpoint } = cloud;
    const standing = await standingInFolder(report, { out, workspace, isSimulated, endpoint, terminal });
    for (const line of standing.lines) say(line);
    isWell = standing.isWell;
  }
  const [table] = await readTables(
    folderObjects(out),
    streams.map(({ name }) => name),
  );
  const answers = isFirst && table !== undefined ? await sampleAnswers(out, terminal) : '';
  if (answers !== '') say(`\n${answers}`);
  say('');
  if (table !== undefined) {
    say(`Tables: ${out}/current/<table>/ (Iceberg)`);
    say(`Every version: ${out}/lake/<table>/dt=YYYY-MM-DD/*.parquet`);
  }
  const page = await writtenPage(resolve(out), (confirmed ?? report).runId);
  if (page) say(`Page of the run: ${page}, opened by ${pageCommand(out)}`);
  if (table !== undefined)
    say(
      `${runError(report) ? 'Ask them, as they were before this run' : 'Ask them'}: ${queryCommand(`SELECT count(*) FROM ${table}`, out)}`,
    );
  return isWell;
}

const say = (text: string) => writeLine(process.stdout, text);
