/** The package as npm installs it from its tarball, for one Node, and what that costs. */
import { cpSync, existsSync, globSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from '../../hosts/command/spawn.ts'
import { cacheFolder } from '../../setup/cache-folder.js'
import { ROOT } from '../installed-package.ts'
import { must, packed } from '../npm-tarball-for-tests.ts'

/** The oldest line of Node that is maintained; the newest is that of the checkout. */
const OLDEST_NODE = '22.23.3'
const MIB = 1024 * 1024
/** What is promised of an installation. */
const MOST_BYTES = 10_000_000

export interface Installation {
  /** Holds `bin/flannel-doctor`. */
  readonly prefix: string
  readonly node: string
}

/** Every Node that the package is to run on; the older one comes from the registry once. */
export async function nodes(): Promise<readonly string[]> {
  const home = join(cacheFolder(), `node-${OLDEST_NODE}`)
  const name = `node-linux-${process.arch}`
  const oldest = join(home, 'node_modules', name, 'bin/node')
  if (!existsSync(oldest)) {
    mkdirSync(home, { recursive: true })
    await must(['npm', 'install', '--prefix', home, '--ignore-scripts', `${name}@${OLDEST_NODE}`])
  }
  return [realpathSync(process.execPath), oldest]
}

/** The tarball that is published, of a folder with nothing else in it. */
export async function tarballOf(work: string): Promise<string> {
  const source = join(work, 'source')
  for (const path of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'runners'])
    cpSync(join(ROOT, path), join(source, path), { recursive: true })
  await must([process.execPath, join(ROOT, 'runners/dev/build-dist.ts'), join(source, 'dist')])
  return packed(source, work)
}

/** Installs it as root does, with that Node's npm; prints what it takes. Throws where it is larger than promised. */
export async function installed(
  tarball: string,
  { prefix, node }: Installation,
  print: (line: string) => void,
): Promise<void> {
  const PATH = `${dirname(node)}:${process.env.PATH}`
  const npm = `TIMEFORMAT='%U %S'; time npm install -g --prefix "$1" "$2" 2>&1`
  const words = ['env', `PATH=${PATH}`, 'bash', '-c', npm, 'bash', prefix, tarball]
  const { end, stdout, stderr, ms } = await run(words, { timeoutMs: 240_000 })
  if (!('exit' in end) || end.exit !== 0) throw new Error(`npm install -g: ${stdout.toString()}${stderr}`)
  const work = stderr.trim().split(' ').map(Number)
  const files = globSync('**/*', { cwd: prefix }).map((path) => statSync(join(prefix, path)))
  const bytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
  const kib = statSync(tarball).size / 1024
  print(
    `npm install -g: ${(ms / 1000).toFixed(1)} s, of work ${work.reduce((a, b) => a + b, 0).toFixed(1)} s; ${(bytes / MIB).toFixed(1)} MiB; the tarball ${kib.toFixed(0)} KiB`,
  )
  if (bytes > MOST_BYTES) throw new Error(`an installation has ${bytes} bytes, more than ${MOST_BYTES}`)
}
