import { fileKey } from './data/jobs.ts';
import type { Row } from './data/table.ts';
import { exportLines } from './export-file.ts';
import type { SimulatorSettings } from './options.ts';
import { formatTimes } from './format-times.ts';
import type { Workspace } from './workspace.ts';

interface Job {
  /** The leads at the time when the export was requested. */
  readonly leads: readonly Row[];
  polls: number;
}

/** Whether an export's file is ready: the field `download_ready` of `/exports/{export_id}/download`. */
export function downloadReady(row: Row): boolean {
  return row['status'] === 'completed';
}

/** The state of an export is visible at once even if other changes lag, because clients poll it. */
const atOnce = { lagMinutes: 0 };

/** Export jobs. A request creates a job. After `exportPolls` polls of its download, the job is ready and has a file. */
export class ExportJobs {
  readonly #workspace: Workspace;
  readonly #settings: () => SimulatorSettings;
  readonly #jobs = new Map<string, Job>();

  constructor(workspace: Workspace, settings: () => SimulatorSettings) {
    this.#workspace = workspace;
    this.#settings = settings;
  }

  create(includeSuppressed: boolean): Row {
    const row = this.#workspace.create('exports', {}, undefined, atOnce);
    this.#jobs.set(String(row['id']), { leads: this.#leads(includeSuppressed), polls: 0 });
    return row;
  }

  /** Answers a poll for the download of an export, which may complete the export. Undefined if it does not exist. */
  download(id: string): Row | undefined {
    const row = this.#polled(id);
    if (!row) return undefined;
    const { id: given, created_at, updated_at, status, file_key } = row;
    return {
      id: given,
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
      return row['status'] === 'processing' ? row : this.#update(id, { status: 'processing' });
    }
    if (exportFailure !== undefined) {
      return this.#update(id, { status: 'failed', error_message: exportFailure });
    }
    return this.#update(id, { status: 'completed', row_count: job.leads.length, file_key: fileKey(id) });
  }

  #update(id: string, fields: Row): Row {
    return this.#workspace.update('exports', id, fields, atOnce);
  }

  #leads(includeSuppressed: boolean): Row[] {
    const { leadFacts } = this.#workspace;
    const isExported = (id: string) => {
      const { number } = this.#workspace.table('leads').get(id) ?? {};
      return includeSuppressed || number === undefined || !leadFacts.isSuppressed(number);
    };
    return this.#workspace
      .listing('leads', undefined, 'changed')
      .map(({ row }) => row)
      .filter(({ id }) => isExported(String(id)));
  }

  /**
   * The file of a completed export, as lines of CSV (UTF-8, CRLF, a header first). It has as many rows as the export's
   * `row_count` says.
   * @throws RangeError if there is no such export, or it is not ready
   */
  *file(id: string): Generator<string> {
    const row = this.#workspace.find('exports', id);
    if (!row || !downloadReady(row)) throw new RangeError('There is no export with this id whose file is ready.');
    const { timeForm } = this.#settings();
    const leads = this.#jobs.get(id)?.leads ?? this.#leads(true).slice(0, Number(row['row_count']));
    yield* exportLines(leads.map((lead) => formatTimes(lead, timeForm)));
  }
}
