/**
 * `npm run test:readme`: installs the package from its tarball and types the commands of README.md beside a lab, on the
 * oldest and the newest Node that it is for. Root and a registry of npm are needed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runIsolated } from '../read-only/isolated.ts'
import { installed, nodes, tarballOf } from './installed-for-users.ts'

const BESIDE_A_LAB = fileURLToPath(new URL('type-commands.ts', import.meta.url))
const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Not below /tmp: beside the lab that is another one. */
const work = mkdtempSync('/var/tmp/flannel-doctor-readme-')
let good = true
try {
  const tarball = await tarballOf(work)
  for (const [at, node] of (await nodes()).entries()) {
    const prefix = join(work, `prefix-${at}`)
    print(`== ${node}`)
    await installed(tarball, { prefix, node }, print)
    const { end, stderr } = await runIsolated(BESIDE_A_LAB, [prefix, node], {
      timeoutMs: 900_000,
      onStdout: (chunk) => void process.stdout.write(chunk),
    })
    if (!('exit' in end) || end.exit !== 0) {
      print(stderr)
      good = false
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
print(good ? 'README: green' : 'README: red')
process.exitCode = good ? 0 : 1
