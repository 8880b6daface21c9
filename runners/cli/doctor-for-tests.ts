/** Runs the real command, as its user does. */
import { fileURLToPath } from 'node:url'
import { run } from '../hosts/command/spawn.ts'

const BIN = fileURLToPath(new URL('../bin.js', import.meta.url))

/** Its exit status (-1 where a signal ended it) and both its streams. */
export async function doctor(
  ...argv: readonly string[]
): Promise<{ exit: number; stdout: string; stderr: string }> {
  const result = await run([process.execPath, BIN, ...argv], { timeoutMs: 60_000 })
  const exit = 'exit' in result.end ? result.end.exit : -1
  return { exit, stdout: Buffer.from(result.stdout).toString('utf8'), stderr: result.stderr }
}
