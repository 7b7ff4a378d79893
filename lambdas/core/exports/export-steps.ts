import type { ExportMessage } from '../../contract/messages.ts';
import { RateLimitedError } from '../errors.ts';
import { awaitFile, createExport, type ExportJobPorts, followExport, pollExport } from './export-job.ts';
import type { ExportSettings } from './export-settings.ts';
import { type LoadPorts, type LoadSettings, loadExport } from './load-export.ts';
import type { Deadline, ExportSource } from '../ports.ts';
import { sweepExport, type SweepPorts, type SweepStreams } from './sweep-export.ts';

export type ExportPorts = ExportJobPorts &
  SweepPorts &
  Omit<LoadPorts, 'source'> & { readonly source: ExportSource | undefined };

export interface ExportWork {
  readonly settings: ExportSettings & Pick<LoadSettings, 'runDeadlineHours' | 'publishCheckSeconds' | 'chunkRows'>;
  readonly streams: SweepStreams;
  readonly deadline: Deadline;
}

const longestDelaySeconds = 900;

/** Takes one step of an export job. A step that meets a rate limit is sent again with a delay. */
export async function takeExportStep(message: ExportMessage, work: ExportWork, ports: ExportPorts): Promise<void> {
  try {
    await takeStep(message, work, ports);
  } catch (error) {
    if (!(error instanceof RateLimitedError) || error.isOutage) throw error;
    ports.log.warn('The API asks to wait; the export goes on later.', { step: message.step, until: error.until });
    const delaySeconds = Math.min(longestDelaySeconds, Math.ceil(error.retryAfterSeconds));
    await ports.exportQueue.send([{ body: message, delaySeconds }]);
  }
}

async function takeStep(
  message: ExportMessage,
  { settings, streams, deadline }: ExportWork,
  ports: ExportPorts,
): Promise<void> {
  switch (message.step) {
    case 'create':
      return createExport(message.scheduledAt, settings, ports);
    case 'follow':
      return followExport(message, settings, ports);
    case 'poll':
      return pollExport(message, settings, ports);
    case 'load': {
      const { source } = ports;
      if (!source) throw new Error('No export source is configured, so no file can be loaded.');
      const load = { ...settings, stream: streams.exports, deadline };
      const isThere = await loadExport(message, load, { ...ports, source });
      return isThere ? undefined : awaitFile(message, settings, ports);
    }
    case 'sweep':
      return sweepExport(message, settings, streams, ports);
  }
}
