/** Runs a program in the foreground. Plain JavaScript for any Node. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

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
