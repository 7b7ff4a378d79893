import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

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

it('the package has each file that its pages link to', () => {
  const npm = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const packs = z.object({ files: z.array(z.object({ path: z.string() })) });
  const answer: unknown = JSON.parse(execFileSync('npm', npm, { cwd: root, encoding: 'utf8', stdio: 'pipe' }));
  // A list in older versions of npm, and an object by name in newer ones.
  const [pack] = Object.values(z.union([z.array(packs), z.record(z.string(), packs)]).parse(answer));
  const packed = pack?.files.map(({ path }) => path) ?? [];
  const missing = packed
    .filter((path) => path.endsWith('.md'))
    .flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s:#]+)[^)\s:]*\)/g)].flatMap(([, link = '']) => {
        const target = normalize(join(dirname(page), link)).replace(/\/$/, '');
        return packed.some((path) => path === target || path.startsWith(`${target}/`)) ? [] : [`${page}: ${link}`];
      }),
    );
  expect(packed).toContain('README.md');
  expect(missing).toEqual([]);
});
