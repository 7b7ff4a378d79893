import type { Assembled } from '../assemble.ts';
import type { Untruth } from '../untruths.ts';
import type { Night, Refresh } from './nights.ts';
import type { Unit } from './timeline.ts';

type Time = Pick<Night | Refresh, 'startedAt' | 'endedAt'>;

/** Which answers can be relied on. */
export class Belief {
  readonly #untruths: readonly Untruth[];
  /** When lists changed whose cursors count rows: by table and parent. */
  readonly #shifts = new Map<string, number[]>();

  constructor(simulated: Assembled, units: Iterable<Unit>) {
    this.#untruths = simulated.untruths.told;
    if (simulated.settings().cursors !== 'offset') return;
    for (const { table, parent, spans } of units) {
      const key = `${table} ${parent ?? ''}`;
      const times = this.#shifts.get(key) ?? [];
      for (const { from } of spans) if (from !== -Infinity) times.push(from);
      this.#shifts.set(key, times);
    }
  }

  /**
   * A list is not to be relied on if the API gave less than it had, or denied it; nor if its cursors count rows and one
   * came, went or moved while it may have been read: then others may have been passed over.
   */
  isListTrue(table: string, parent: string | undefined, { startedAt, endedAt }: Time): boolean {
    const isWithin = (at: number) => at >= startedAt && at <= endedAt;
    return (
      !this.#untruths.some(
        (one) => one.table === table && one.parent === parent && one.id === undefined && isWithin(one.at),
      ) && !this.#shifts.get(`${table} ${parent ?? ''}`)?.some(isWithin)
    );
  }

  isRowTrue(table: string, id: string, { startedAt, endedAt }: Time): boolean {
    return !this.#untruths.some(
      (one) => one.table === table && one.id === id && one.at >= startedAt && one.at <= endedAt,
    );
  }

  /**
   * A row that is there all the time may be taken for deleted only if the API denied it twice, long enough apart, and
   * the second time by its id if it has such a path. An empty list of a whole table denies nothing.
   */
  isDenied(
    { table, parent, id }: Unit,
    { hasPath, since, confirmAfterSeconds }: { hasPath: boolean; since: number; confirmAfterSeconds: number },
  ): boolean {
    const about = this.#untruths.filter(
      (one) => one.table === table && one.at >= since && (one.id === undefined ? one.parent === parent : one.id === id),
    );
    const [first] = about.filter(({ what }) => what !== 'empty' || parent !== undefined);
    const shifts = this.#shifts.get(`${table} ${parent ?? ''}`) ?? [];
    if (!hasPath && shifts.some((at) => at >= since)) return true;
    return about.some(
      (one) =>
        first !== undefined &&
        one.at - first.at >= confirmAfterSeconds * 1_000 &&
        (hasPath ? one.id === id : one.what !== 'empty' || parent !== undefined),
    );
  }
}
