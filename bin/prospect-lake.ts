import { ConfigError } from '../lib/config.ts';
import { prospectLakeApp } from '../lib/app.ts';

try {
  const { workspaces } = await import('../prospect-lake.config.ts');
  prospectLakeApp(workspaces).synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
