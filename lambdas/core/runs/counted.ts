/** Such as `1,200`. */
export const number = (value: number): string => value.toLocaleString('en-US');

/** Such as `1 table`, `1,200 tables`. */
export function counted(value: number, one: string, several = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : several}`;
}
