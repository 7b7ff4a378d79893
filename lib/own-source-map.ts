import type * as Codec from '@jridgewell/sourcemap-codec';
import { z } from 'zod';

const sourceMap = z.object({ version: z.literal(3), sources: z.array(z.string()), mappings: z.string() });

/**
 * A source map of the project's own code: positions in dependencies are without a source, and a stack trace shows them
 * as they are in the bundle. Node reads the map for the first stack trace and keeps it: the whole map of `publish` takes
 * 20 MiB of the function's memory, and its own part 6 MiB.
 * @param text a source map as esbuild writes it
 * @param codec passed in, because the installed package has no such dependency
 */
export function ownSourceMap(text: string, { decode, encode }: typeof Codec): string {
  const map = sourceMap.parse(JSON.parse(text));
  const isOwn = map.sources.map((source) => !source.includes('node_modules/'));
  const sources = map.sources.filter((_, at) => isOwn[at]);
  const placeOf = map.sources.map((source) => sources.indexOf(source));
  const lines = decode(map.mappings).map((segments) => {
    let wasOwn = true;
    return segments.flatMap((segment): Codec.SourceMapSegment[] => {
      const [column, source = 0, line = 0, place = 0] = segment;
      const own = isOwn[source] === true;
      const isFirst = wasOwn && !own;
      wasOwn = own;
      if (own) return [[column, placeOf[source] ?? 0, line, place]];
      // Without it, the position would seem to belong to the own code before it.
      return isFirst ? [[column]] : [];
    });
  });
  return JSON.stringify({ version: map.version, sources, names: [], mappings: encode(lines) });
}
