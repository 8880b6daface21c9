/** The machine the tool runs on: `local:`. */
import type { Runner } from './runner.ts'
import { open, run } from './spawn.ts'

export function localRunner(host: string): Runner {
  return { kind: 'local', host, via: 'local:', run, open, close: async () => {} }
}
