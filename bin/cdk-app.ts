import { ConfigError } from '../lib/config/config.ts';
import { prospectLakeApp } from '../lib/app.ts';
import { addRules } from '../lib/rules.ts';
import { loadWorkspaces } from '../lib/config/load-workspaces.ts';

try {
  prospectLakeApp(await loadWorkspaces(), { addRules }).synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
