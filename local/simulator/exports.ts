import { fileKey } from './data/jobs.ts';
import type { Row } from './data/table.ts';
import { exportLines } from './export-file.ts';
import { everything, type LeadList } from './lead-list.ts';
import { firstMadePosition } from './overlay.ts';
import type { SimulatorSettings } from './options.ts';
import type { Workspace } from './workspace.ts';

interface Job {
  readonly includeSuppressed: boolean;
  /** The leads as they were when the export was asked for. */
  readonly leads: LeadList;
  polls: number;
}

/** What `/exports/{export_id}/download` says of an export with this row. */
export function downloadReady(row: Row): boolean {
  return row['status'] === 'completed';
}

/** Export jobs: made by a request, ready after some polls of their download, with a file to be had then. */
export class ExportJobs {
  readonly #workspace: Workspace;
  readonly #settings: () => SimulatorSettings;
  readonly #jobs = new Map<string, Job>();

  constructor(workspace: Workspace, settings: () => SimulatorSettings) {
    this.#workspace = workspace;
    this.#settings = settings;
  }

  create(includeSuppressed: boolean): Row {
    const row = this.#workspace.create('exports', {});
    this.#jobs.set(String(row['id']), { includeSuppressed, leads: this.#workspace.leads.snapshot(), polls: 0 });
    return row;
  }

  /** One look at the download of an export; it may be the one at which it is done. Undefined where there is none. */
  download(id: string): Row | undefined {
    const row = this.#polled(id);
    if (!row) return undefined;
    const { created_at, updated_at, status, file_key } = row;
    return {
      id,
      object: 'export_download',
      created_at,
      updated_at,
      status,
      file_key,
      download_ready: downloadReady(row),
    };
  }

  #polled(id: string): Row | undefined {
    const row = this.#workspace.find('exports', id);
    const job = this.#jobs.get(id);
    if (!row || !job || row['status'] === 'completed' || row['status'] === 'failed') return row;
    const { exportPolls, exportFailure } = this.#settings();
    if (job.polls++ < exportPolls) {
      return row['status'] === 'processing' ? row : this.#workspace.update('exports', id, { status: 'processing' });
    }
    if (exportFailure !== undefined) {
      return this.#workspace.update('exports', id, { status: 'failed', error_message: exportFailure });
    }
    return this.#workspace.update('exports', id, {
      status: 'completed',
      row_count: this.#countRows(job),
      file_key: fileKey(id),
    });
  }

  #countRows({ leads, includeSuppressed }: Job): number {
    let count = 0;
    for (const { lead } of leads.all()) if (includeSuppressed || !this.#isSuppressed(lead)) count += 1;
    return count;
  }

  #isSuppressed(lead: number): boolean {
    return lead < firstMadePosition && this.#workspace.data.leads.suppressed(lead);
  }

  /**
   * The file that a completed export stands for, as lines of CSV (UTF-8, CRLF, a header first): as many
   * rows as its `row_count` says, each made as it is asked for.
   * @throws RangeError where there is no such export, or it is not ready
   */
  *file(id: string): Generator<string> {
    const row = this.#workspace.find('exports', id);
    if (!row || !downloadReady(row)) throw new RangeError('There is no export with this id whose file is ready.');
    const job = this.#jobs.get(id);
    const leads = job?.leads ?? this.#workspace.leads;
    const wanted = Number(row['row_count']);
    const rows = leads.rows(everything, { time: -Infinity, lead: -1 });
    yield* exportLines(this.#limited(rows, job?.includeSuppressed ?? true, wanted));
  }

  *#limited(rows: Iterable<{ lead: number; row: Row }>, includeSuppressed: boolean, most: number): Generator<Row> {
    let count = 0;
    for (const { lead, row } of rows) {
      if (count === most) return;
      if (!includeSuppressed && this.#isSuppressed(lead)) continue;
      count += 1;
      yield row;
    }
  }
}
