import { pipelineTables } from '../contract/pipeline-tables.ts';
import { type Stream, type Table, tableOf } from '../contract/stream.ts';
import * as billing from './billing.ts';
import * as campaigns from './campaigns.ts';
import * as exports from './exports.ts';
import * as identity from './identity.ts';
import * as imports from './imports.ts';
import * as inbox from './inbox.ts';
import * as jobs from './jobs.ts';
import * as leadFields from './lead-fields.ts';
import { leadExports } from './lead-exports.ts';
import * as leads from './leads.ts';
import * as messages from './messages.ts';
import * as prospector from './prospector.ts';
import * as referrals from './referrals.ts';
import * as settings from './settings.ts';
import * as support from './support.ts';
import * as webhooks from './webhooks.ts';

const domains = [
  leads,
  messages,
  campaigns,
  exports,
  imports,
  inbox,
  jobs,
  leadFields,
  prospector,
  referrals,
  support,
  webhooks,
  billing,
  identity,
  settings,
] as const satisfies readonly Record<string, Stream>[];

/** Union of the types of all streams of these domains. */
type StreamsOf<Domains> = Domains extends Record<string, infer S> ? S : never;
type Declared = StreamsOf<(typeof domains)[number]>;
/** Union of all stream names, so that editors can suggest them. */
export type StreamName = Declared extends { readonly name: infer Name extends string } ? Name : never;

const byDomain: readonly Readonly<Record<string, Stream>>[] = domains;
const declared = byDomain.flatMap((domain) => Object.values(domain));

/** Every stream, parents before their children. */
export const streams: readonly Stream[] = declared.toSorted((a, b) => depth(a) - depth(b));

function depth({ parent }: Stream): number {
  const above = declared.find(({ name }) => name === parent?.stream);
  return above ? depth(above) + 1 : 0;
}

/** Tables that do not come from a list of the API: the pipeline's own tables, and the rows of export files. */
export const ownTables: readonly Table[] = [...pipelineTables, tableOf(leadExports)];

const byName: ReadonlyMap<string, Stream> = new Map([...streams, leadExports].map((stream) => [stream.name, stream]));

/** The stream with this name. @throws RangeError if there is none */
export function streamNamed(name: string): Stream {
  const stream = byName.get(name);
  if (!stream) throw new RangeError(`There is no stream '${name}'. The streams are: ${[...byName.keys()].join(', ')}.`);
  return stream;
}

export function childrenOf(stream: Stream): Stream[] {
  return streams.filter((candidate) => candidate.parent?.stream === stream.name);
}

/** The named streams and all their ancestors, parents first. A child cannot be read without its parents. */
export function withParents(names: readonly string[]): Stream[] {
  const wanted = new Set<string>();
  for (const name of names) {
    for (let next: Stream | undefined = streamNamed(name); next; next = next.parent && streamNamed(next.parent.stream))
      wanted.add(next.name);
  }
  return streams.filter(({ name }) => wanted.has(name));
}

/** Streams of a comma-separated list with all their ancestors, or all streams for `all`. */
export function streamsIn(list: string): Stream[] {
  return list === 'all' ? [...streams] : withParents(list.split(',').map((name) => name.trim()));
}
