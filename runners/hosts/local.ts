/** The machine the tool runs on: `local:`. */
import type { Runner } from './command/runner.ts'
import { open, run } from './command/spawn.ts'

export function localRunner(host: string): Runner {
  return { kind: 'local', host, via: 'local:', run, open, close: async () => {} }
}
