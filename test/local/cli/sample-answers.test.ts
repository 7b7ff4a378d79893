import { describe, expect, it } from 'vitest';
import { shortTable } from '../../../local/cli/sample-answers.ts';
import { pipe } from '../../../local/cli/terminal.ts';

const rows = (count: number) => Array.from({ length: count }, (_, index) => [`row ${index}`, index]);
const shown = (count: number) => shortTable(['name', 'n'], rows(count), 'npx prospect-lake query --named x', pipe);

describe('an answer after the first load', () => {
  it('has all of its rows, if they are as many as channels and directions', () => {
    expect(shown(8)).toContain('row 7');
    expect(shown(8)).not.toContain('npx');
  });

  it('says how many rows there are if it does not show all, and how to see more', () => {
    expect(shown(9)).not.toContain('row 8');
    expect(shown(9)).toMatch(/\n8 of 9 rows\. More: npx prospect-lake query --named x$/);
  });
});
