/** The flanneld of a lab: which binary runs, and one started per host. */
import { existsSync, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { etcdApiOf } from '../../../checks/expected/generation.ts'
import { run } from '../../hosts/command/spawn.ts'
import { $ } from '../../hosts/command/zx.ts'
import { cachedFlanneld, DEFAULT_VERSION, installFlanneld, unbuildable } from '../../setup/flanneld.js'
import { commandPath, isExecutable } from '../../setup/search-path.js'
import { LabError, usage } from '../lab-error.ts'
import type { LabEtcdApi, LabPlan, PlannedHost } from '../plan/plan.ts'
import { type RunningDaemon, startLabDaemon } from './daemon.ts'
import type { LabCertificates } from './tls.ts'

export interface FlanneldBinary {
  readonly path: string
  /** As it says itself, `v0.28.9`; something else (`dev`) when it was built without one. */
  readonly version: string
}

const VERSION = /^v?\d+\.\d+\.\d+$/

/** Minor version number of v0.MINOR.PATCH; undefined when the binary does not say a release. */
export function minorVersion(version: string): number | undefined {
  const minor = /^v?0\.(\d+)\./.exec(version)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

/** A flanneld and the version it says. Throws LabError for a path that is no executable file. */
async function asBinary(path: string): Promise<FlanneldBinary> {
  if (!isExecutable(path)) return usage(`no executable flanneld at ${path}`)
  const { stdout, stderr } = await run([path, '--version'])
  const version = `${Buffer.from(stdout).toString('utf8')}${stderr}`.trim().split('\n').at(-1) ?? ''
  return { path, version: /^[\w.+-]{1,60}$/.test(version) ? version : 'unknown' }
}

/** Those of our cache whose checksum this process has seen: each takes a fifth of a second, and one process makes many labs. */
const lookedAt = new Map<string, FlanneldBinary>()

async function ofVersion(asked: string, log: (line: string) => void): Promise<FlanneldBinary> {
  const version = asked.startsWith('v') ? asked : `v${asked}`
  const reason = existsSync(cachedFlanneld(version)) ? undefined : unbuildable(version)
  if (reason !== undefined) return usage(reason)
  const kept = lookedAt.get(cachedFlanneld(version))
  if (kept !== undefined) return kept
  try {
    const binary = { path: await installFlanneld(version, { log }), version }
    lookedAt.set(binary.path, binary)
    return binary
  } catch (error) {
    throw new LabError('missing', `flanneld ${version} cannot be installed: ${(error as Error).message}`)
  }
}

/** A flanneld of the search path counts only when it speaks the etcd API asked for. */
async function ofSearchPath(api: LabEtcdApi): Promise<FlanneldBinary | undefined> {
  const path = commandPath('flanneld')
  if (path === undefined) return undefined
  const binary = await asBinary(path)
  return etcdApiOf(binary.version) === api ? binary : undefined
}

function findFlanneldFor(asked: string, log: (line: string) => void): Promise<FlanneldBinary> {
  return VERSION.test(asked) ? ofVersion(asked, log) : asBinary(resolve(asked))
}

/**
 * The flanneld to run: the path or version asked for, else one of the search path that speaks the
 * API, else the default version for the API out of our cache, built with Go when it is not there.
 * Throws LabError when there is none, or when it speaks the other API; with Kubernetes none is spoken.
 */
export async function findFlanneld(
  asked: string | undefined,
  api: LabEtcdApi | 'kubernetes',
  log: (line: string) => void,
): Promise<FlanneldBinary> {
  if (api === 'kubernetes') return findFlanneldFor(asked ?? DEFAULT_VERSION.v3, log)
  if (asked === undefined) return (await ofSearchPath(api)) ?? ofVersion(DEFAULT_VERSION[api], log)
  const binary = await findFlanneldFor(asked, log)
  const speaks = etcdApiOf(binary.version) ?? api
  if (speaks === api) return binary
  return usage(`flanneld ${binary.version} speaks the etcd ${speaks} API only; the lab was asked for ${api}`)
}

/**
 * Makes the kernel ready for it: flanneld v0.26.0 and later stops when
 * net.bridge.bridge-nf-call-iptables is absent (main.go), udp needs a tun device.
 */
export async function checkKernel(plan: LabPlan, version: string): Promise<void> {
  if (plan.backend === 'udp' && !existsSync('/dev/net/tun')) {
    throw new LabError('missing', 'the udp backend needs /dev/net/tun (modprobe tun)')
  }
  if ((minorVersion(version) ?? 26) < 26 || existsSync('/proc/sys/net/bridge')) return
  await $`modprobe br_netfilter`
  if (!existsSync('/proc/sys/net/bridge')) {
    throw new LabError(
      'missing',
      `flanneld ${version} needs the kernel module br_netfilter (modprobe br_netfilter)`,
    )
  }
}

/** As this machine sees it; on a node it has its usual path. */
export const subnetFileOf = ({ directory, root }: PlannedHost): string =>
  root === undefined ? `${directory}/subnet.env` : `${root}/run/flannel/subnet.env`

/** What flannel's manifest tells a flanneld in its environment: which node it is on. */
export function nodeEnvironment({ name, mounts }: { readonly name: string; readonly mounts?: number }) {
  return mounts === undefined ? undefined : { NODE_NAME: name }
}

/** The words that say where the leases are. */
function datastoreWords(plan: LabPlan, { tls, kubeconfig }: FlanneldParts): readonly string[] {
  if (kubeconfig !== undefined)
    return ['--kube-subnet-mgr', `--kubeconfig-file=${kubeconfig}`, '--healthz-port=8081']
  const certificates =
    tls === undefined
      ? []
      : [`-etcd-cafile=${tls.ca}`, `-etcd-certfile=${tls.cert}`, `-etcd-keyfile=${tls.key}`]
  return [`-etcd-endpoints=${plan.endpoint}`, `-etcd-prefix=${plan.prefix}`, ...certificates]
}

/** What a flanneld is started with. */
export interface FlanneldParts {
  readonly path: string
  readonly tls: LabCertificates | undefined
  /** In a Kubernetes lab: what opens the API to it. */
  readonly kubeconfig?: string | undefined
}

/** Starts the host's flanneld. */
export function startFlanneld(
  plan: LabPlan,
  host: PlannedHost,
  parts: FlanneldParts,
): Promise<RunningDaemon> {
  mkdirSync(host.directory, { recursive: true, mode: 0o755 })
  const argv = [
    parts.path,
    ...datastoreWords(plan, parts),
    ...plan.linkOptions,
    ...(host.root === undefined ? [`-subnet-file=${subnetFileOf(host)}`] : []),
    `-ip-masq=${plan.ipMasq}`,
    // A node has it as public-ip-overwrite.
    ...(host.publicIp === host.address || plan.kubernetes ? [] : [`-public-ip=${host.publicIp}`]),
    ...plan.flanneldOptions,
  ]
  return startLabDaemon(plan, {
    role: `flanneld of ${host.name}`,
    namespace: host.namespace,
    engine: host.engine,
    mounts: host.mounts,
    environment: nodeEnvironment(host),
    argv,
    directory: host.directory,
    logFile: `${host.directory}/flanneld.log`,
  })
}
