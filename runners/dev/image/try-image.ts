/**
 * `npm run test:image [-- DEB]`: builds the Dockerfile with Debian's engine, on a base that mmdebstrap made in place of a
 * registry's, and runs it as its user does: `run-image.ts`. DEB is the package of Debian, built unless given. Needs root.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bareDebian } from '../fresh/root-file-system.ts'
import { ROOT } from '../installed-package.ts'
import { must } from '../npm-tarball-for-tests.ts'
import { runIsolated } from '../read-only/isolated.ts'
import { answered, startEngine } from './engine.ts'

const RUN_IMAGE = fileURLToPath(new URL('run-image.ts', import.meta.url))
/** What dockerd and containerd make in /run is nobody else's, and everything ends with the first process. */
const ALONE = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c']
const WITH_OWN_RUN = 'mount --make-rprivate / && mount -t tmpfs none /run && exec "$@"'
const BASE = 'flannel-doctor-base'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** What `docker build` is given in a checkout. */
async function contextIn(work: string, deb: string | undefined): Promise<string> {
  const context = join(work, 'context')
  mkdirSync(join(context, 'dist'), { recursive: true })
  for (const name of ['Dockerfile', '.dockerignore']) copyFileSync(join(ROOT, name), join(context, name))
  const file = join(context, 'dist/flannel-doctor_0_all.deb')
  if (deb === undefined) await must([process.execPath, join(ROOT, 'runners/dev/deb/build-deb.ts'), file])
  else copyFileSync(deb, file)
  return context
}

const work = mkdtempSync('/var/tmp/flannel-doctor-image-')
try {
  const context = await contextIn(work, process.argv[2])
  const engine = await startEngine(work, [...ALONE, WITH_OWN_RUN, 'sh'])
  try {
    await answered(engine.docker('import', await bareDebian(print), BASE))
    const words = ['--network', 'host', '--build-arg', `BASE=${BASE}`, '-t', 'flannel-doctor', context]
    await answered(engine.docker('build', ...words), /Successfully tagged flannel-doctor/)
    print(await answered(engine.docker('images', 'flannel-doctor')))
  } finally {
    await engine.stop()
  }
  const onStdout = (chunk: Uint8Array): void => void process.stdout.write(chunk)
  const { end, stderr } = await runIsolated(RUN_IMAGE, [work], { timeoutMs: 300_000, onStdout })
  const isGood = 'exit' in end && end.exit === 0
  if (!isGood) print(`${JSON.stringify(end)} ${stderr}`)
  print(isGood ? 'image: green' : 'image: red')
  process.exitCode = isGood ? 0 : 1
} catch (error) {
  process.stderr.write(`image: ${(error as Error).message}\n`)
  process.exitCode = 2
} finally {
  rmSync(work, { recursive: true, force: true })
}
