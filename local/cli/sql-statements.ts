/** Texts, quoted names and comments, in which a semicolon ends no statement; a semicolon; any other character. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|;|[^]/g;

/** The statements of SQL, without the semicolons at their ends. */
export function statementsIn(sql: string): string[] {
  const found: string[] = [];
  let statement = '';
  for (const [token] of `${sql};`.matchAll(tokens)) {
    if (token !== ';') statement += token;
    else {
      if (statement.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== '') found.push(statement.trim());
      statement = '';
    }
  }
  return found;
}
