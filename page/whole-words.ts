/** Has commands wrap only between words: a browser may break a line after each hyphen, also in the middle of a flag. */
export function keepWordsWhole(): void {
  for (const command of document.querySelectorAll('.command code')) {
    const words = command.textContent.split(' ').map((text) => {
      const word = document.createElement('span');
      word.textContent = text;
      return word;
    });
    command.replaceChildren(...words.flatMap((word, at) => (at === 0 ? [word] : [' ', word])));
  }
}
