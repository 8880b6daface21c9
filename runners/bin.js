#!/usr/bin/env node
/** The command `flannel-doctor`: plain JavaScript that any Node can start. */
import { existsSync, fstatSync, readFileSync, writeFileSync } from 'node:fs'

const SOURCE = new URL('./cli/cli.ts', import.meta.url)
const STDOUT = 1
const OWN_ERROR = 3

/**
 * What the package was built with for `--help`: loading the grammar takes longer than starting Node. Undefined in a
 * checkout, and on a terminal, whose width decides where lines end.
 */
function builtHelp() {
  if (process.argv.length !== 3 || process.argv[2] !== '--help') return undefined
  if (existsSync(SOURCE) || fstatSync(STDOUT).isCharacterDevice()) return undefined
  try {
    return readFileSync(new URL('../dist/share/help.txt', import.meta.url), 'utf8')
  } catch {
    return undefined // a build without it
  }
}

const help = builtHelp()
if (help === undefined) {
  const { startCli } = await import('./setup/start-cli.js')
  await startCli(SOURCE)
} else {
  try {
    writeFileSync(STDOUT, help) // process.stdout would load what sockets need
  } catch {
    process.exit(OWN_ERROR) // the reader went away
  }
}
