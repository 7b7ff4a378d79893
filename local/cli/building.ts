import { durationText } from '../../lambdas/core/runs/duration-text.ts';
import { currentAssembly } from '../run/assembly.ts';
import type { ProgressDisplay } from './progress-display.ts';

const buildingText =
  'Building the functions and the template that wires them. It takes up to a minute for each version, and less if only the configuration changed …';

/** The assembly of the current inputs. If it has to be made, a line says so, and further ones how long it has taken. */
export async function builtAssembly(display: ProgressDisplay, folder?: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const onMake = () => {
    display.note(buildingText);
    const startedAt = Date.now();
    timer = setInterval(() => display.show(`${durationText((Date.now() - startedAt) / 1_000)}  building`), 1_000);
  };
  try {
    return await currentAssembly(onMake, folder);
  } finally {
    clearInterval(timer);
    if (timer !== undefined) display.end();
  }
}
