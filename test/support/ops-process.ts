import { operate } from '../../ops/main.ts';
import { inProcess } from './in-process.ts';
import { type Ended, runHere } from './start-process.ts';

/** Runs `npx prospect-lake ops` inside this process, without prompts, against the endpoint in AWS_ENDPOINT_URL. */
export async function runOps(line: string, cwd?: string): Promise<Ended> {
  const { PROSPECTB2B_API_URL = '', PROSPECTB2B_API_KEY = '' } = process.env;
  const environment = { PROSPECTB2B_API_URL, PROSPECTB2B_API_KEY };
  return runHere({ environment, ...(cwd === undefined ? {} : { cwd }) }, () =>
    operate(line.split(' ').filter(Boolean), { startInstance: inProcess }),
  );
}
