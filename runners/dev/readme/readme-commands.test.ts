/** What README.md shows can be typed; `npm run test:readme` types it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { Command } from 'commander'
import { type CommandWords, commandWords, everyCommand } from '../../cli/described/command-words.ts'
import { addCommands } from '../../cli/grammar.ts'
import { parseInventory } from '../../inventory/parse.ts'
import { ROOT } from '../installed-package.ts'
import { blocks, libraryExamples, provenElsewhere, readme, readmeCommands } from './readme-commands.ts'

const commands = readmeCommands(readme())

/** The command that these words call, the longest of those that fit. */
function called(words: readonly string[], all: readonly CommandWords[]): CommandWords | undefined {
  const fitting = all.filter(({ path }) => path.every((word, at) => words[at] === word))
  return fitting.toSorted((a, b) => b.path.length - a.path.length)[0]
}

test('every command and flag of it is in the grammar', (t) => {
  const program = new Command('flannel-doctor')
  addCommands(program, undefined as never)
  const all = everyCommand(commandWords(program, {}))
  const calls = commands.flatMap(({ line }) => [...line.matchAll(/flannel-doctor ([^#|;)]+)/g)])
  t.true(calls.length > 30)
  for (const [line, words = ''] of calls) {
    const command = called(words.trim().split(' '), all)
    t.true(command !== undefined && command.commands.length * command.path.length === 0, line)
    const known = command?.options.map(({ name }) => name) ?? []
    const flags = words.match(/--[a-z][a-z-]*/g) ?? []
    t.deepEqual(
      flags.filter((flag) => !known.includes(flag)),
      [],
      line,
    )
  }
})

test('what is not typed beside a lab is done by another proof', (t) => {
  for (const command of commands) {
    const proof = provenElsewhere(command)
    if (proof !== undefined)
      t.true(readFileSync(join(ROOT, proof.file), 'utf8').includes(proof.says), command.line)
  }
})

test('every function of the library that reads a network has an example', (t) => {
  const named = libraryExamples().map((example) => /await (\w+)\(/.exec(example)?.[1])
  t.deepEqual(named, ['checkNetwork', 'trace', 'replay'])
})

test('its inventory is one', (t) => {
  const [text = ''] = blocks(readme(), 'yaml').filter((block) => block.includes('endpoints:'))
  t.is(parseInventory(text, 'README.md').hosts.length, 2)
})
