import type { Json, Row } from './data/table.ts';
import { formatTime, type TimeForm } from './instant.ts';

/** A row as the API shows it: with its times in the configured form. */
export function formatTimes(row: Row, form: TimeForm): Row {
  if (form === 'iso') return row;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]): [string, Json | undefined] => [
      name,
      name.endsWith('_at') ? formatTime(form, name, value) : value,
    ]),
  );
}
