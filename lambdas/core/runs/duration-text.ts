const minute = 60;
const hour = 60 * minute;

/** A duration in at most two units: `4 s`, `12 min`, `3 h 20 min`, `2 d 4 h`. All output uses this form. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < minute) return `${whole} s`;
  if (whole < 10 * minute && whole % minute > 0) return `${Math.floor(whole / minute)} min ${whole % minute} s`;
  const minutes = Math.round(whole / minute);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return twoUnits(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(whole / hour);
  return twoUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function twoUnits(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

/** How long a run took, from its start to its report. @param run ISO times */
export function runSeconds({
  startedAt,
  finishedAt,
}: {
  readonly startedAt: string;
  readonly finishedAt: string;
}): number {
  return Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000);
}
