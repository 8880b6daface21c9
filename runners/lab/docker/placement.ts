/** Where the parts of a docker lab stand: its subnet, addresses and container names. */

import { readEngine } from '../daemons/engine-api.ts'
import { LabError, usage } from '../lab-error.ts'
import type { EngineContainer } from '../place.ts'
import type { LabOptions, LabPlan, PlannedHost } from '../plan/plan.ts'

/** The three networks for documentation (RFC 5737): no real network uses them. */
const SUBNETS = ['192.0.2', '198.51.100', '203.0.113']
/** Docker keeps .1 for the network's gateway. */
const ETCD_OCTET = 2

interface EngineNetwork {
  readonly IPAM: { readonly Config: readonly { readonly Subnet?: string }[] | null }
}

/** First three bytes of a subnet that no network of the engine has. Throws LabError when all are in use. */
export async function freeSubnet(socket: string): Promise<string> {
  const networks = await readEngine<EngineNetwork[]>(socket, { method: 'GET', path: '/networks' })
  const taken = networks.flatMap(({ IPAM }) => (IPAM.Config ?? []).map(({ Subnet = '' }) => Subnet))
  const free = SUBNETS.find((prefix) => !taken.some((subnet) => subnet.startsWith(`${prefix}.`)))
  if (free !== undefined) return free
  const all = SUBNETS.map((prefix) => `${prefix}.0/24`).join(', ')
  throw new LabError('failed', `the Docker engine has no free subnet for a lab: ${all} are in use`)
}

/** Refuses what only a lab of network namespaces has. Throws LabError that names it. */
export function refuseUnsupported(options: LabOptions): void {
  const unsupported: Readonly<Record<string, boolean>> = {
    '--tls': options.tls === true,
    '--docker real': options.docker === 'real',
    '--underlays 2': (options.underlays ?? 1) > 1,
    'a second link': options.secondLink === true,
    NAT: options.nat === true,
  }
  const [found] = Object.entries(unsupported).find(([, asked]) => asked) ?? []
  if (found !== undefined)
    usage(`a docker lab has no ${found}: use a lab of network namespaces (--lab netns)`)
}

/** A host as it is in an engine, in the lab's subnet there (its first three bytes). */
export function placeHost(host: PlannedHost, engine: EngineContainer, prefix: string): PlannedHost {
  const address = `${prefix}.${host.address.split('.').at(-1)}`
  return {
    ...host,
    namespace: '',
    engine,
    address,
    publicIp: address,
    gateway: `${prefix}.1`,
    containers: host.containers.map(({ name }) => ({ name, namespace: name, engine })),
  }
}

/** The plan as it is in an engine. */
export function placeInEngine(plan: LabPlan, socket: string, prefix: string): LabPlan {
  const part = (name: string): EngineContainer => ({ socket, container: `fd-${plan.token}-${name}` })
  return {
    ...plan,
    engine: part('etcd'),
    endpoint: `http://${prefix}.${ETCD_OCTET}:2379`,
    switchNamespace: '',
    hosts: plan.hosts.map((host) => placeHost(host, part(host.name), prefix)),
  }
}
