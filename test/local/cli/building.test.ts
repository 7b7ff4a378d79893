import { afterEach, expect, it, vi } from 'vitest';
import { builtAssembly } from '../../../local/cli/building.ts';
import { currentAssembly } from '../../../local/run/assembly.ts';
import { noProgress } from '../../../local/cli/progress-display.ts';

vi.mock('../../../local/run/assembly.ts');
afterEach(() => vi.useRealTimers());

it('a build says what it does, and every second how long it has taken, whether or not it writes to a terminal', async () => {
  vi.useFakeTimers();
  vi.mocked(currentAssembly).mockImplementation(async (onMake) => {
    onMake?.();
    await new Promise((done) => setTimeout(done, 2_500));
    return 'the folder';
  });
  const shown: string[] = [];
  const add = (text: string) => void shown.push(text);
  const made = builtAssembly({ ...noProgress, note: add, show: add });
  await vi.advanceTimersByTimeAsync(2_500);
  expect(await made).toBe('the folder');
  expect(shown).toEqual([expect.stringMatching(/^Building the functions/), '1 s  building', '2 s  building']);
});
