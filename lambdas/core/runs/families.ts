import type { Stream } from '../../contract/stream.ts';

/** The root of the family of a stream: its topmost parent. */
export function rootOf(stream: Stream, streams: readonly Stream[]): Stream {
  const parent = streams.find(({ name }) => name === stream.parent?.stream);
  return parent ? rootOf(parent, streams) : stream;
}

/** A stream and all streams below it. */
export function familyOf(root: Stream, streams: readonly Stream[]): Stream[] {
  const children = streams.filter(({ parent }) => parent?.stream === root.name);
  return [root, ...children.flatMap((child) => familyOf(child, streams))];
}
