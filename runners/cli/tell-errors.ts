/** What commander says of a wrong command line, in one line of ours. */
import type { Command } from 'commander'

/** A command's name behind those of the commands above it, without the program's. */
function pathOf(command: Command): string {
  const { parent } = command
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name()
}

/** An error in our words; one about a missing word says what can stand there. */
function told(text: string, command: Command): string {
  const ours = text.replace(/^error: /, 'flannel-doctor: ')
  if (!ours.includes(' missing required argument ')) return ours
  const words = command.registeredArguments.map((one) => `<${one.name()}>`).join(' ')
  return `${ours.trimEnd()} of ${pathOf(command)} ${words}: ${command.description()}\n`
}

/** From here on the command, and those below it, tell errors of a command line in our words. */
export function tellErrors(command: Command): void {
  command.configureOutput({ outputError: (text, write) => write(told(text, command)) })
  for (const below of command.commands) tellErrors(below)
}
