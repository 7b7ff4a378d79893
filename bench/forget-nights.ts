/** The nights of the bench's lake. */

export const nights = 365;
export const chunkRows = 10_000;
export const warehouse = { root: 's3://bench/' };

const first = Date.parse('2026-01-01T02:00:00.000Z');
export const timeOf = (night: number) => new Date(first + night * 86_400_000);
export const dateOf = (night: number) => timeOf(night).toISOString().slice(0, 10);
export const runIdOf = (night: number) =>
  `nightly-${timeOf(night)
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')}`;
