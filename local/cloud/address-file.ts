import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file with the address of the embedded cloud that runs on a folder. `ops status` reads from it during a run. */
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
