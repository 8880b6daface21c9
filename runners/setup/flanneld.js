/**
 * Installs flanneld with the Go toolchain. Plain JavaScript for Node 18 and later without
 * dependencies, because the start-up script needs it before any package is installed.
 */
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, isOursAlone } from './cache-folder.js'
import { keepWithChecksum, verifyChecksum } from './checksum.js'
import { execute } from './run-to-end.js'

const MODULE = 'github.com/flannel-io/flannel'
const TENCENT = 'github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/vpc'
/** Newest release of the Tencent cloud client that the Go module proxy serves. */
const TENCENT_PATCH = 128

/** Version the lab runs for each etcd API: flannel v0.18.0 replaced the v2 API by the v3 API. */
export const DEFAULT_VERSION = { v2: 'v0.17.0', v3: 'v0.28.9' }

/**
 * Hashes of the module as Go computes them (`go mod download -json`, field Sum); v0.17.0 and v0.20.2
 * are in no checksum database.
 */
const MODULE_HASH = {
  'v0.14.0': 'h1:7RmZN6G0L/mJwdzsLrAjfQKtKokfD1NcncPEfSqr+ac=',
  'v0.17.0': 'h1:agLlERKtRiaDfDLe+gY98D1gAP8rRQGOGUxNbPr4JPg=',
  'v0.20.2': 'h1:/hLQsvyQHQQV0mS9xxWVMf1oHPFBSReM1j5D9Cdm5dc=',
  'v0.25.7': 'h1:gJiwuGL0g9U7iXGcYsqohnQ21zMaojq1g+mIasknDQU=',
  'v0.28.9': 'h1:9+P0Pc8hearNZZpW6/Cc/4vEOiXaqQonYayDDeyibqY=',
}

/** Where an installed flanneld of that version lies, whether or not it is there. */
export function cachedFlanneld(version) {
  return join(cacheFolder(), 'flanneld', version, 'flanneld')
}

/** Where flannel's script that turns subnet.env into options of dockerd lies, beside the flanneld of its version. */
export function cachedDockerScript(version) {
  return join(cachedFlanneld(version), '../mk-docker-opts.sh')
}

/** Fetches that script with the source of its version where it is not in the cache yet. */
export async function installDockerScript(version) {
  const path = cachedDockerScript(version)
  if (!existsSync(path)) await fetchFile(version, 'dist/mk-docker-opts.sh', path)
}

/** Puts a file of that version's source in its place, whole. */
export async function fetchFile(version, name, path) {
  mkdirSync(join(path, '..'), { recursive: true })
  const fetched = `${path}.${process.pid}`
  copyFileSync(join(await download(version), name), fetched)
  renameSync(fetched, path)
}

/** Why that version cannot be built with today's Go; undefined when it can. */
export function unbuildable(version) {
  const [, minor] = /^v0\.(\d+)\.\d+$/.exec(version) ?? []
  if (minor === undefined) return `${version} is not a flannel version (write it like v0.28.9)`
  if (Number(minor) >= 14) return undefined
  return `flanneld ${version} is older than the Go module; give the path of a binary instead`
}

/**
 * Built with Go 1.22 or later the etcd client of v0.14.0 to v0.16.x stops at start with "encoding alphabet
 * includes duplicate symbols" (its codec). Go fetches the older toolchain through its module proxy and verifies it.
 */
const OLD_TOOLCHAIN = 'go1.21.13'
const FIRST_WITH_TODAYS_GO = 17

/** The environment that builds that version: the older toolchain, or the one that is installed. */
export function toolchain(version) {
  const minor = Number(/^v0\.(\d+)\./.exec(version)?.[1])
  return minor < FIRST_WITH_TODAYS_GO ? { ...process.env, GOTOOLCHAIN: OLD_TOOLCHAIN } : process.env
}

/**
 * Path of flanneld `version`, built and put into the cache if it is not there yet. Several
 * processes may install at once: each builds apart and the finished file is renamed into place.
 * Throws an Error of one clear sentence when it cannot be built.
 */
export async function installFlanneld(version, { log = () => {} } = {}) {
  const path = cachedFlanneld(version)
  if (existsSync(path) && !isOursAlone(path))
    throw new Error(`${path} can be replaced by another user, so it is not run; remove it`)
  if (isExecutable(path)) {
    verifyChecksum(path)
    return path
  }
  const reason = unbuildable(version)
  if (reason !== undefined) throw new Error(reason)
  await requireGo()
  const directory = join(path, '..')
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  const work = mkdtempSync(join(directory, '.build-'))
  try {
    log(`building flanneld ${version} with Go (one to two minutes, once)`)
    const built = await build(version, work)
    const said = (await execute([built, '--version'], { merged: true })).trim()
    if (said !== version) throw new Error(`the flanneld built from ${version} calls itself "${said}"`)
    keepWithChecksum(built, path)
    log(`flanneld ${version} installed in ${directory}`)
    return path
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Older ones cannot fetch the toolchain that a release of flannel asks for. */
const FIRST_GO = 21

/** Throws before anything is downloaded where Go is missing or too old, as that of Debian 12 is. */
async function requireGo() {
  const said = await execute(['go', 'env', 'GOVERSION'])
  const minor = Number(/^go1\.(\d+)/.exec(said)?.[1])
  if (minor < FIRST_GO) {
    throw new Error(
      `building flanneld needs Go 1.${FIRST_GO} or later (https://go.dev/dl); this is ${said.trim()}`,
    )
  }
}

async function build(version, work) {
  const source = join(work, 'source')
  await execute(['cp', '-r', '--no-preserve=mode', await download(version), source])
  await replaceTencent(source)
  const out = join(work, 'flanneld')
  const stamp = [`${MODULE}/pkg/version`, `${MODULE}/version`].map((name) => `-X ${name}.Version=${version}`)
  await execute(['go', 'build', '-mod=mod', '-buildvcs=false', '-ldflags', stamp.join(' '), '-o', out, '.'], {
    cwd: source,
    env: withCgo(toolchain(version)),
  })
  return out
}

/** Downloads the module's source; where its hash is known here, it must be that one. */
export async function download(version) {
  const hash = MODULE_HASH[version]
  const env = hash === undefined ? process.env : { ...process.env, GONOSUMDB: `${MODULE}` }
  const answer = JSON.parse(
    await execute(['go', 'mod', 'download', '-json', `${MODULE}@${version}`], { env }),
  )
  if (hash !== undefined && answer.Sum !== hash) {
    throw new Error(`flannel ${version} was refused: its source has hash ${answer.Sum}, expected ${hash}`)
  }
  return answer.Dir
}

/** Some releases ask for a Tencent cloud client the module proxy does not have; only that cloud's backend uses it. */
async function replaceTencent(source) {
  const wanted = new RegExp(`${TENCENT} v1\\.3\\.(\\d+)`).exec(readFileSync(join(source, 'go.mod'), 'utf8'))
  if (wanted === null || Number(wanted[1]) <= TENCENT_PATCH) return
  await execute(['go', 'mod', 'edit', `-replace=${TENCENT}=${TENCENT}@v1.3.${TENCENT_PATCH}`], {
    cwd: source,
  })
}

/** flannel compiles its udp backend only on amd64 and only with cgo. */
function withCgo(env) {
  return process.arch === 'x64' ? { ...env, CGO_ENABLED: '1' } : env
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return existsSync(path)
  } catch {
    return false
  }
}
