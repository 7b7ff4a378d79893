const shownMilliseconds = 2_000;

/** Puts a button that copies it beside each command. Without a clipboard there are none. */
export function addCopyButtons(): void {
  // Browsers that offer no clipboard to a page leave it undefined, although the type says otherwise.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (!clipboard) return;
  const status = document.createElement('span');
  status.className = 'hidden';
  status.setAttribute('role', 'status');
  document.querySelector('main')?.append(status);
  for (const command of document.querySelectorAll('.command')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy ${command.textContent}`);
    button.addEventListener('click', () => {
      void copy(command, clipboard).then((word) => tell(word, button, status));
    });
    const frame = document.createElement('span');
    frame.className = 'copied';
    command.replaceWith(frame);
    frame.append(command, button);
  }
}

/** @returns what became of the text. If the browser refuses to copy it, it is selected, so that a person can. */
async function copy(command: Element, clipboard: Clipboard): Promise<string> {
  try {
    await clipboard.writeText(command.textContent);
    return 'Copied';
  } catch {
    getSelection()?.selectAllChildren(command);
    return 'Selected';
  }
}

/** Shows the word on the button for a while, and has a screen reader say it. */
function tell(word: string, button: HTMLElement, status: HTMLElement): void {
  button.textContent = word;
  status.textContent = word;
  setTimeout(() => {
    button.textContent = 'Copy';
    status.textContent = '';
  }, shownMilliseconds);
}
