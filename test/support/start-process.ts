import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = (name: 'start' | 'query') => fileURLToPath(new URL(`../../local/cli/${name}.ts`, import.meta.url));

export interface Ended {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Gathers what a process says until it has ended. */
export async function endOf(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export interface StartedProcess {
  readonly ended: Promise<Ended>;
  /** SIGKILL to it and to every process that it started. */
  killAll(): void;
}

/** `npm start` (or `npm run query`) as a process, with no setting but those given. */
export function startProcess(
  name: 'start' | 'query',
  args: readonly string[],
  options: { cwd: string; environment?: Record<string, string> },
): StartedProcess {
  const { PROSPECTB2B_API_URL: _, PROSPECTB2B_API_KEY: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [script(name), ...args], {
    cwd: options.cwd,
    env: { ...inherited, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return {
    ended: endOf(child),
    killAll() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    },
  };
}
