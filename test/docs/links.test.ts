import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const pages = globSync(['*.md', 'docs/**/*.md', 'dbt/*.md'], { cwd: root });

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): string[] {
  const prose = page.replaceAll(/^```.*?^```/gms, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documentation', () => {
  it.each(pages)('%s links to pages and headings that exist', (page) => {
    const broken = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s:]+)\)/g)].flatMap(
      ([, link = '']) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? join(root, page) : join(root, dirname(page), path);
        const isThere =
          existsSync(target) && (anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).includes(anchor));
        return isThere ? [] : [link];
      },
    );
    expect(broken).toEqual([]);
  });
});
