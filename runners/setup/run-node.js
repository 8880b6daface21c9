/** Finds a Node that runs TypeScript directly and runs a program on it in the foreground. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The Node of this project's packages, else the running one if it is 24.12 or newer, else undefined. */
export function nodeForProject() {
  const packaged = `${ROOT}node_modules/.bin/node`
  if (existsSync(packaged)) return packaged
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 12) ? process.execPath : undefined
}

/** Runs a program with our terminal, passes signals on and ends as it ends. */
export function runInForeground(command, args, env = process.env) {
  const child = spawn(command, args, { stdio: 'inherit', env })
  // A terminal sends its signals to the whole foreground group: the child has them already.
  const fromTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => fromTerminal || child.kill(signal))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise(() => {
    child.once('error', (error) => {
      console.error(`cannot run ${command}: ${error.message}`)
      process.exit(2)
    })
    child.once('close', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
  })
}
