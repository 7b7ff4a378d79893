/** Commands in messages of the pipeline. The pipeline does not know with which flags they find its workspace. */

const command = /npx prospect-lake ops [a-z-]+(?: --run [\w-]+| --full-refresh)*/;

/** Whether a text begins with one of these commands. */
export function isCommand(text: string): boolean {
  return text.search(command) === 0;
}

/** The message with `flags` added to each of its commands, such as ` --local --out here`. */
export function withFlags(message: string, flags: string): string {
  return message.replaceAll(new RegExp(command, 'g'), `$&${flags.replaceAll('$', '$$$$')}`);
}

/** The parts of a message: text and commands in turn, text first. */
export function commandsApart(message: string): string[] {
  return message.split(new RegExp(`(${command.source})`));
}
