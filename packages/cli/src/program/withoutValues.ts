/**
 * The message of a wrong command line without the values in it: a secret may have been passed by mistake, and what a command
 * prints may be kept longer than what a terminal shows.
 */
export const withoutValues = (message: string): string =>
  message.replace(/(but got \d+): [^\n]*/, "$1.").replace(/('-{1,2}[\w-]+)=[^']*'/g, "$1'")
