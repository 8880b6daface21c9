/** `completion SHELL`, and the manual page: made of the grammar itself, so that neither is ever behind it. */
import type { Command } from 'commander'
import { LAYERS } from '../../../checks/check.ts'
import { CHECKS } from '../../../checks/registry.ts'
import { FAULTS } from '../../../fixtures/all-faults.ts'
import { REPORTERS } from '../../../reports/registry.ts'
import { InputError } from '../../input-error.ts'
import { ownVersion } from '../../version.ts'
import { bashCompletion } from '../described/bash-completion.ts'
import { type CommandWords, commandWords, type KnownWords } from '../described/command-words.ts'
import { fishCompletion } from '../described/fish-completion.ts'
import { manPage } from '../described/man-page.ts'
import { zshCompletion } from '../described/zsh-completion.ts'
import type { CommandOutput } from '../options/output.ts'
import { LISTED } from './list.ts'

const SHELLS: Readonly<Record<string, (program: CommandWords) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** Names of what there is, where the grammar takes any word. A code's colon parts words in bash: checks are named whole. */
function knownWords(): KnownWords {
  const checks = CHECKS.map(({ id }) => id)
  const faults = FAULTS.map(({ id }) => id)
  const formats = Object.keys(REPORTERS)
  return {
    'explain <name>': [...checks, ...faults],
    'list <what>': LISTED,
    'lab inject <fault>': faults,
    'completion <shell>': Object.keys(SHELLS),
    '--fault <ids>': faults,
    '--only <names>': [...LAYERS, ...checks],
    '--skip <names>': [...LAYERS, ...checks],
    '--format <name[=file]>': formats,
  }
}

/** The script that makes a shell complete our command lines. Throws InputError for another shell. */
export function completion(shell: string, program: Command): CommandOutput {
  const write = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined
  if (write === undefined)
    throw new InputError(`completion ${shell}: expected one of ${Object.keys(SHELLS).join(', ')}`)
  return { stdout: write(commandWords(program, knownWords())), exit: 0 }
}

/** The manual page. */
export function manual(program: Command, examples: string): CommandOutput {
  const words = commandWords(program, {})
  return { stdout: manPage(words, { version: ownVersion(), examples }), exit: 0 }
}
