import type { ExportMessage } from '../../contract/messages.ts';
import { createExport, type ExportJobPorts, followExport, pollExport } from './export-job.ts';
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

/** One step of an export job; each sends the message of the next. */
export async function takeExportStep(
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
      return loadExport(message, { ...settings, stream: streams.exports, deadline }, { ...ports, source });
    }
    case 'sweep':
      return sweepExport(message, settings, streams, ports);
  }
}
