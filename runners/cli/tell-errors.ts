/** What commander says of a wrong command line, in one line of ours. */
import type { Command } from 'commander'
import { nearestName } from '../nearest-name.ts'

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

/** Help that is asked for a command that there is none of says so, in place of the whole help. */
function refuseHelp(command: Command, isError: boolean): string {
  const [asked, name] = command.args
  if (isError && asked === 'help' && name !== undefined) {
    const nearest = nearestName(
      name,
      command.commands.map((one) => one.name()),
    )
    const guess = nearest === undefined ? '' : `, did you mean ${nearest}?`
    command.error(`error: unknown command '${name}'${guess}`)
  }
  return ''
}

/** From here on the command, and those below it, tell errors of a command line in our words. */
export function tellErrors(command: Command): void {
  command.configureOutput({ outputError: (text, write) => write(told(text, command)) })
  command.addHelpText('before', ({ error }) => refuseHelp(command, error))
  for (const below of command.commands) tellErrors(below)
}
