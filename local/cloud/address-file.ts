import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the embedded cloud of a folder answers while it runs, so that `ops status` can read beside a run. */
export class AddressFile {
  readonly #path: string;

  constructor(out: string) {
    this.#path = join(out, '.cloud', 'endpoint');
  }

  /** @returns undefined if no cloud runs. After a cloud was killed, its address is still returned. */
  read(): string | undefined {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch {
      return undefined;
    }
  }

  write(endpoint: string): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(this.#path, endpoint, { mode: 0o600 });
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }
}
