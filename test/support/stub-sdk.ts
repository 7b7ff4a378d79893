import { vi } from 'vitest';
import { sdkEnvironment } from '../../local/cloud/clients.ts';

/** Points the SDK clients of this process, and of those that it starts, at an embedded cloud; `vi.unstubAllEnvs` ends it. */
export function stubSdk(endpoint: string): void {
  for (const [name, value] of Object.entries(sdkEnvironment(endpoint))) vi.stubEnv(name, value);
}
