/** Parts of invented people's names. */

export const firstNames = [
  'Ada',
  'José',
  'Zoë',
  'Łukasz',
  'Priya',
  'Øyvind',
  'Nguyễn',
  'Grace',
  'Björn',
  'Chidi',
  'Marta',
  'Renée',
  'Yuki',
  'Omar',
  'Ingrid',
  'Tomás',
  'Αλέξανδρος',
  'Olga',
  '小明',
  'Fatima',
  'Liam',
  'Søren',
  'Amélie',
  'Kwame',
  'Noor',
  'Jürgen',
  'Beatriz',
  'Дмитрий',
  'Hana',
  'Ruth',
  'Samuel',
  'Thandiwe',
];

export const lastNames = [
  'Lovelace',
  'García',
  'Müller',
  'Kowalski',
  'Raman',
  'Hansen',
  'Thị Minh',
  'Hopper',
  'Lindqvist',
  'Okafor',
  'Rossi',
  'Lefèvre',
  'Tanaka',
  "O'Connor",
  'Dahl',
  'Peña',
  'Παπαδόπουλος',
  'Ivanova',
  '王',
  'Al-Sayed',
  'Murphy',
  'Kierkegaard',
  'Dubois',
  'Mensah',
  'de Vries',
  'Schäfer',
  'Souza',
  'Новиков',
  'Sato',
  'Ben-David',
  'Park',
  'Nkosi',
];

/** The letters of a name that are allowed in an e-mail address. */
export function mailName(name: string): string {
  const ascii = name
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/g, '')
    .toLowerCase();
  return ascii === '' ? 'lead' : ascii;
}
