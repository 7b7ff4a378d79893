import { vi } from 'vitest';
import { sdkEnvironment } from '../../local/cloud/clients.ts';

/** Points the SDK clients of this process and its children at an embedded cloud; `vi.unstubAllEnvs` undoes it. */
export function stubSdk(endpoint: string): void {
  for (const [name, value] of Object.entries(sdkEnvironment(endpoint))) vi.stubEnv(name, value);
}
