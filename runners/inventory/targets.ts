/**
 * Which hosts and which etcd: flags first, then the inventory file, then the environment, then
 * what the running flanneld was told, then flannel's defaults.
 */
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { ETCD_PREFIX } from '../../checks/expected/constants.ts'
import type { FlanneldProcess } from '../../checks/model/daemon.ts'
import { present } from '../../checks/model/present.ts'
import { printable } from '../../reports/layout/printable.ts'
import { isEndpoint } from '../datastore/http/endpoint-url.ts'
import { trimPrefix } from '../datastore/reading.ts'
import type { AskedApi, EtcdRequest } from '../datastore/request.ts'
import { hostNameOf, parseHostUrl } from '../hosts/host-url.ts'
import { InputError } from '../input-error.ts'
import { type Environment, etcdFromEnvironment, splitList, splitUser } from './etcd-environment.ts'
import { etcdOfFlanneld, fillSubnetFile, usesKubernetes } from './flanneld-settings.ts'
import { type EtcdTarget, type HostTarget, type Inventory, loadInventory } from './inventory.ts'
import { withCluster } from './kubectl-hosts.ts'
import { type KubernetesTarget, kubernetesFromFlags, kubernetesOfFlanneld } from './kubernetes-target.ts'
import { type LeasedHosts, leasedHosts, sshConfigOf } from './leased-hosts.ts'
import { refuseWrongFiles } from './named-files.ts'

/** The target flags of the command line (design of the commands: `--host`, `--inventory`, `--etcd…`). */
export interface TargetOptions {
  readonly host?: readonly string[]
  readonly inventory?: string
  /** Comma-separated URLs. */
  readonly etcd?: string
  readonly etcdPrefix?: string
  readonly etcdApi?: string
  readonly etcdCa?: string
  readonly etcdCert?: string
  readonly etcdKey?: string
  /** `name` or `name:password`. */
  readonly etcdUser?: string
  /** A kubeconfig: Kubernetes keeps the leases. */
  readonly kubeconfig?: string
  readonly context?: string
  readonly subnetFile?: string
  /** Host URL with `{publicIp}`: every lease is a host. */
  readonly fromLeases?: string
}

/** flannel `main.go`, -etcd-endpoints; both ports, because etcd moved from 4001 to 2379. */
const DEFAULT_ENDPOINTS = ['http://127.0.0.1:2379', 'http://127.0.0.1:4001'] as const

const APIS: readonly AskedApi[] = ['auto', 'v2', 'v3']

function askedApi(text: string | undefined): AskedApi | undefined {
  if (text === undefined) return undefined
  const api = APIS.find((candidate) => candidate === text)
  if (api === undefined)
    throw new InputError(`--etcd-api: expected auto, v2 or v3, got "${printable(text, 40)}"`)
  return api
}

function askedEndpoints(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  const endpoints = splitList(text)
  const wrong = endpoints.find((endpoint) => !isEndpoint(endpoint))
  if (wrong !== undefined || endpoints.length === 0) {
    throw new InputError(
      `--etcd: expected URL[,URL] such as http://192.0.2.10:2379, an account by --etcd-user, got "${printable(wrong ?? text, 60)}"`,
    )
  }
  return endpoints
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path)
}

function etcdFromFlags(options: TargetOptions): EtcdTarget {
  return present({
    endpoints: askedEndpoints(options.etcd),
    prefix: options.etcdPrefix,
    api: askedApi(options.etcdApi),
    ca: absolute(options.etcdCa),
    cert: absolute(options.etcdCert),
    key: absolute(options.etcdKey),
    ...(options.etcdUser === undefined ? {} : splitUser(options.etcdUser)),
  })
}

/** Later ones win; an account's password goes with its user, so that one never meets another's. */
function mergeEtcd(...targets: readonly EtcdTarget[]): EtcdTarget {
  return targets.reduce<EtcdTarget>((merged, target) => {
    const { password: _, ...withoutPassword } = merged
    const sameUser = target.user === undefined || merged.user === undefined || target.user === merged.user
    return { ...(sameUser ? merged : withoutPassword), ...target }
  }, {})
}

/** Hosts of the --host flags; one the inventory also knows, by URL or name, keeps what the inventory says of it. */
function hostsFromFlags(urls: readonly string[], known: readonly HostTarget[]): readonly HostTarget[] {
  const hosts = urls.map((via) => {
    const entry = known.find((host) => host.via === via || host.name === via)
    return entry ?? { name: hostNameOf(parseHostUrl(via), hostname()), via }
  })
  const names = hosts.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) {
    throw new InputError(`--host: two hosts would be named ${printable(twice)}; name them in an inventory`)
  }
  return hosts
}

/** The hosts of the flags, else of the inventory, else this machine, unless others are to come. */
function chooseHosts(
  urls: readonly string[],
  known: readonly HostTarget[],
  others?: LeasedHosts,
): readonly HostTarget[] {
  if (urls.length > 0) return hostsFromFlags(urls, known)
  return known.length > 0 || others !== undefined ? known : [{ name: hostname(), via: 'local:' }]
}

/** --subnet-file goes to every host; FLANNELD_SUBNET_FILE only speaks of this machine. */
function withSubnetFile(host: HostTarget, flag: string | undefined, env: Environment): HostTarget {
  if (flag !== undefined) return { ...host, subnetFile: flag }
  const said = env.FLANNELD_SUBNET_FILE
  return said && host.via === 'local:' ? { subnetFile: said, ...host } : host
}

/** Flags complete what the inventory says of the API. */
function chosenKubernetes(options: TargetOptions, file: Inventory | undefined): KubernetesTarget | undefined {
  // Endpoints that are typed count before what a file says.
  if (options.etcd !== undefined) return undefined
  const told = kubernetesFromFlags(options)
  return told === undefined ? file?.kubernetes : { ...file?.kubernetes, ...told }
}

/**
 * The inventory that flags, inventory file and environment describe; without hosts, this machine.
 * What nobody said about etcd stays open: see `applyFlanneld` and `etcdRequest`.
 * Throws InputError for a wrong flag, a wrong inventory or a certificate file that cannot be read.
 */
export async function targetsFromOptions(options: TargetOptions, env: Environment): Promise<Inventory> {
  const file = options.inventory === undefined ? undefined : await loadInventory(options.inventory)
  const { host: urls = [] } = options
  const { hosts: known, etcd: said } = file ?? { hosts: [], etcd: {} }
  const etcd = mergeEtcd(etcdFromEnvironment(env), said, etcdFromFlags(options))
  const kubernetes = chosenKubernetes(options, file)
  const fromLeases = leasedHosts(options, file)
  const chosen = chooseHosts(urls, known, fromLeases).map((host) =>
    withSubnetFile(host, options.subnetFile, env),
  )
  const hosts = withCluster(chosen, kubernetes)
  await refuseWrongFiles({ etcd, kubernetes, sshConfig: sshConfigOf({ hosts, ...present({ fromLeases }) }) })
  return {
    etcd,
    ...present({ kubernetes, fromLeases }),
    hosts,
    complete: urls.length > 1 || (urls.length === 0 && known.length > 0),
  }
}

/**
 * Fills what an inventory leaves open about etcd from a running flanneld. `via` is the host URL of the host it
 * runs on: endpoints taken from it are meant in that host's network, so etcd is then read from there. An etcd
 * that the inventory names keeps its own certificates and account. With a flanneld that keeps its leases in
 * Kubernetes the API is asked instead.
 */
export function applyFlanneld(inventory: Inventory, process: FlanneldProcess, via = 'local:'): Inventory {
  const told = etcdOfFlanneld(process)
  const hosts = fillSubnetFile(inventory.hosts, process)
  if (inventory.kubernetes !== undefined) return { ...inventory, hosts }
  if (inventory.etcd.endpoints !== undefined) {
    return { ...inventory, hosts, etcd: { ...present({ prefix: told.prefix }), ...inventory.etcd } }
  }
  if (usesKubernetes(process)) return { ...inventory, hosts, kubernetes: kubernetesOfFlanneld(process, via) }
  const elsewhere = via === 'local:' ? {} : { via }
  return { ...inventory, hosts, etcd: { ...elsewhere, ...mergeEtcd(told, inventory.etcd) } }
}

/** What to ask etcd for, flannel's defaults filled in. */
export function etcdRequest(etcd: EtcdTarget): EtcdRequest {
  const { via: _, endpoints = DEFAULT_ENDPOINTS, prefix = ETCD_PREFIX, api = 'auto', ...access } = etcd
  return { ...access, endpoints, prefix: trimPrefix(prefix), api }
}
