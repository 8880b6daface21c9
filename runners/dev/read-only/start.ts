/** Starts a proof of this folder or of ../chaos in namespaces of its own: `start.ts PROGRAM [WORDS]`. */
import { fileURLToPath } from 'node:url'
import { runIsolated } from './isolated.ts'

const [program = '', ...words] = process.argv.slice(2)
const { end, stderr } = await runIsolated(fileURLToPath(new URL(program, import.meta.url)), words, {
  timeoutMs: 24 * 3_600_000,
  onStdout: (chunk) => void process.stdout.write(chunk),
})
process.stderr.write(stderr)
process.exitCode = 'exit' in end ? end.exit : 1
