/**
 * `npm run one-file [-- FILE]`: Node and the package with all it needs as one executable, for hosts without Node, as Node's
 * own single executable application. `dist` must be built.
 */
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serialize } from 'node:v8'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { run } from '../../hosts/command/spawn.ts'
import { installedFiles, nodeBinary, ROOT } from '../installed-package.ts'

/** What postject looks for in the binary of Node (`node/src/node_sea_bin.cc`). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

const target = resolve(process.argv[2] ?? join(ROOT, 'dist/flannel-doctor'))
const work = mkdtempSync(join(tmpdir(), 'flannel-doctor-one-file-'))

async function must(...argv: readonly string[]): Promise<void> {
  const { end, stdout, stderr } = await run(argv, { timeoutMs: 120_000 })
  if (!('exit' in end) || end.exit !== 0) throw new Error(`${argv.join(' ')}: ${stdout.toString()}${stderr}`)
}

/** Runs what was built where there is no Node, with a cache of its own; the milliseconds it took. */
async function tried(...words: readonly string[]): Promise<number> {
  const since = performance.now()
  await must(
    'env',
    '-i',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    `XDG_CACHE_HOME=${work}/cache`,
    target,
    ...words,
  )
  return Math.round(performance.now() - since)
}

try {
  const at = (name: string): string => join(work, name)
  const archive = gzipSync(serialize(installedFiles()), { level: 9 })
  writeFileSync(at('package'), archive)
  writeFileSync(at('digest'), createHash('sha256').update(archive).digest('hex').slice(0, 32))
  await build({
    entryPoints: [fileURLToPath(new URL('launcher.ts', import.meta.url))],
    outfile: at('launcher.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
  })
  const config = {
    main: at('launcher.cjs'),
    output: at('blob'),
    disableExperimentalSEAWarning: true,
    assets: { package: at('package'), digest: at('digest') },
  }
  writeFileSync(at('config.json'), JSON.stringify(config))
  await must(nodeBinary(), '--experimental-sea-config', at('config.json'))
  copyFileSync(nodeBinary(), at('node'))
  const postject = join(ROOT, 'node_modules/postject/dist/cli.js')
  await must(process.execPath, postject, at('node'), 'NODE_SEA_BLOB', at('blob'), '--sentinel-fuse', FUSE)
  copyFileSync(at('node'), target)
  chmodSync(target, 0o755)
  const mib = (readFileSync(target).length / 1024 / 1024).toFixed(1)
  const [first, next] = [await tried('--version'), await tried('--version')]
  const state = 'node_modules/flannel-doctor/dist/fixtures/states/v0.28.9-vxlan'
  const digest = readFileSync(at('digest'), 'utf8')
  await tried('replay', join(work, 'cache/flannel-doctor/one-file', digest, state))
  await tried('list', 'checks', '--plugin', join(ROOT, 'fixtures/plugin-example/acme.js'))
  process.stdout.write(`${target}: ${mib} MiB; starts in ${next} ms, the first time in ${first} ms\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
