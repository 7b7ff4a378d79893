import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convertReceiptsPrefix, extractReceiptsPrefix, waitingKey } from '../../lambdas/contract/object-keys.ts';
import {
  type ConvertReceipt,
  convertReceipt,
  extractReceipt,
  type Waiting,
  waiting,
} from '../../lambdas/contract/run.ts';

interface ProgressCounts {
  /** What the run is waiting for; undefined if for nothing. */
  readonly waiting: Waiting | undefined;
  /** Rows written so far, by table. */
  readonly rows: ReadonlyMap<string, number>;
  readonly tasks: number;
}

/** Follows a run by its receipts: the files that it writes for each finished task. Each receipt is read once. */
export class RunProgress {
  readonly #out: string;
  readonly #runId: string;
  readonly #read = new Set<string>();
  readonly #rows = new Map<string, number>();
  #tasks = 0;

  constructor(out: string, runId: string) {
    this.#out = out;
    this.#runId = runId;
  }

  async update(): Promise<ProgressCounts> {
    for (const text of await this.#news(convertReceiptsPrefix(this.#runId)))
      this.#count(convertReceipt.safeParse(text).data);
    for (const text of await this.#news(extractReceiptsPrefix(this.#runId))) {
      const receipt = extractReceipt.safeParse(text);
      this.#count(receipt.data?.converted);
      if (receipt.success) this.#tasks += 1;
    }
    return { rows: this.#rows, tasks: this.#tasks, waiting: await this.#waiting() };
  }

  async #waiting(): Promise<Waiting | undefined> {
    const text = await readFile(join(this.#out, waitingKey(this.#runId)), 'utf8').catch(() => 'null');
    const stored = waiting.nullable().parse(JSON.parse(text));
    return stored && Date.parse(stored.until) > Date.now() ? stored : undefined;
  }

  #count(receipt: ConvertReceipt | null | undefined): void {
    if (receipt) this.#rows.set(receipt.stream, (this.#rows.get(receipt.stream) ?? 0) + receipt.rowsOut);
  }

  async #news(prefix: string): Promise<unknown[]> {
    const folder = join(this.#out, prefix);
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    const fresh = names.filter((name) => name.endsWith('.json') && !this.#read.has(prefix + name));
    return Promise.all(
      fresh.map(async (name) => {
        this.#read.add(prefix + name);
        return JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown;
      }),
    );
  }
}

/** One line that says what the run is waiting for, and until when. */
export function waitingLine({ until, reason }: Waiting): string {
  return `Waiting until ${until}. ${reason}`;
}

/** One line about a run under way. */
export function progressLine({ rows, tasks, waiting }: ProgressCounts, messages: number, startedAt: Date): string {
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  const largest = [...rows].toSorted((a, b) => b[1] - a[1]).slice(0, 3);
  const tables = largest.map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`).join(', ');
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
  return `${seconds} s  ${total.toLocaleString('en-US')} rows in ${rows.size} tables  ${tasks} tasks done, ${messages} messages waiting  ${tables}${waiting ? `  ${waitingLine(waiting)}` : ''}`;
}
