/** Adds a host with flanneld and a container to a lab that is up, and removes it again. */

import { mkdirSync, rmSync } from 'node:fs'
import { present } from '../../../checks/model/present.ts'
import { killGroup } from '../../hosts/command/spawn.ts'
import { $ } from '../../hosts/command/zx.ts'
import { identify, isRunning } from '../../hosts/process-identity.ts'
import { startLabDaemon, wordsOfRunning } from '../daemons/daemon.ts'
import { untilRunning } from '../daemons/flanneld-process.ts'
import { readHostSubnet, subnetText } from '../daemons/host-subnet.ts'
import { editDatastore } from '../daemons/lab-datastore.ts'
import { removeContainer } from '../docker/labelled.ts'
import { LabError } from '../lab-error.ts'
import { entriesOf, readLedger } from '../ledger/ledger.ts'
import { layContainers } from '../network/bridge.ts'
import { layHosts } from '../network/topology.ts'
import type { PlannedHost } from '../plan/plan.ts'
import { writeInventory } from '../running/inventory.ts'
import { findLab, type LabHost, type LabState, writeState } from '../running/state.ts'
import { waitUntil } from '../wait.ts'
import type { HostGrowth } from './host-control.ts'

/** flanneld has a subnet after 0.3 s. */
const RAISE_MS = 20_000
/** Hosts of a lab are .11 and on; one that comes later keeps clear of them. */
const FIRST_OCTET = 201

function firstHost(lab: LabState): LabHost {
  const [first] = lab.hosts
  if (first === undefined) throw new LabError('failed', `lab ${lab.name} has no host`)
  return first
}

function planNext(lab: LabState): PlannedHost {
  const taken = new Set(lab.hosts.map(({ name }) => name))
  const n = Array.from({ length: 50 }, (_, i) => i).find((i) => !taken.has(`new${i + 1}`)) ?? 50
  const name = `new${n + 1}`
  const namespace = `fd-${lab.token}-${name}`
  const address = firstHost(lab).address.replace(/\d+$/, String(FIRST_OCTET + n))
  return {
    name,
    namespace,
    port: name,
    address,
    publicIp: address,
    gateway: address.replace(/\d+$/, '1'),
    underlay: 'underlay1',
    directory: `${lab.directory}/${name}`,
    hasBridge: true,
    containers: [{ name: `${name}c1`, namespace: `${namespace}c1` }],
  }
}

/** The words of the first host's flanneld, with a subnet file of the new host's own. */
function wordsFor(lab: LabState, subnetFile: string): readonly string[] {
  const { name, flanneldPid } = firstHost(lab)
  const words = wordsOfRunning(flanneldPid, `flanneld of ${name}`)
  return words.map((word) => (word.startsWith('-subnet-file=') ? `-subnet-file=${subnetFile}` : word))
}

function write(lab: LabState): void {
  writeState(lab)
  writeInventory(lab)
}

/** The host without flanneld, as a namespace or as a container; gives it as it is there. */
async function lay(lab: LabState, planned: PlannedHost): Promise<PlannedHost> {
  mkdirSync(planned.directory, { recursive: true, mode: 0o755 })
  const { engine } = firstHost(lab)
  if (engine !== undefined) {
    const { growInEngine } = await import('../docker/grow.ts')
    return growInEngine(lab, planned, engine)
  }
  await layHosts({ ...lab, docker: 'bridge', hosts: [planned] })
  return planned
}

async function raise(lab: LabState, asked: PlannedHost): Promise<string> {
  const planned = await lay(lab, asked)
  const { name, namespace, engine, directory } = planned
  const subnetFile = `${directory}/subnet.env`
  const daemon = await startLabDaemon(lab, {
    role: `flanneld of ${name}`,
    namespace,
    engine,
    argv: wordsFor(lab, subnetFile),
    directory,
    logFile: `${directory}/flanneld.log`,
  })
  const bounds = { deadline: performance.now() + RAISE_MS }
  const hasSubnet = (): string | undefined =>
    readHostSubnet(subnetFile) === undefined ? `flanneld of ${name} writes no subnet.env` : undefined
  await waitUntil(hasSubnet, bounds)
  const subnet = readHostSubnet(subnetFile)
  if (subnet === undefined) throw new LabError('failed', `subnet.env of ${name} is gone`)
  const host: LabHost = {
    name,
    namespace,
    ...present({ engine }),
    address: planned.address,
    subnet: subnetText(subnet),
    subnetFile,
    flanneldPid: daemon.process.pid,
    flanneldLog: daemon.logFile,
    containers: await layContainers(planned, subnet),
  }
  write({ ...lab, hosts: [...lab.hosts, host] })
  await untilRunning(host)
  return name
}

/** Its wires and its containers go with it. */
async function clear({
  namespace,
  engine,
  containers,
}: Pick<PlannedHost, 'namespace' | 'engine' | 'containers'>): Promise<void> {
  if (engine !== undefined) return removeContainer(engine.socket, engine.container)
  for (const { namespace: each } of [...containers, { namespace }]) await $`ip netns del ${each}`
}

/** Of a host that does not come up nothing may stay: no file of the lab names it yet. */
async function abandon(
  lab: LabState,
  { name, namespace, containers, directory }: PlannedHost,
): Promise<void> {
  const ledger = readLedger(lab.directory)
  const started = ledger === undefined ? [] : entriesOf(ledger, 'process')
  const last = started.filter(({ role }) => role === `flanneld of ${name}`).at(-1)
  if (last !== undefined && isRunning(last.process)) killGroup(last.process.pid, 'SIGKILL')
  const { engine } = firstHost(lab)
  const place = engine && { socket: engine.socket, container: `fd-${lab.token}-${name}` }
  await clear({ namespace, containers, ...present({ engine: place }) })
  rmSync(directory, { recursive: true, force: true })
}

async function add(lab: LabState): Promise<string> {
  const planned = planNext(lab)
  try {
    return await raise(lab, planned)
  } catch (error) {
    if (!findLab(lab.name).hosts.some(({ name }) => name === planned.name)) await abandon(lab, planned)
    throw error
  }
}

/** The ledger still names its namespaces; removing the lab finds them gone. */
async function remove(lab: LabState, name: string): Promise<void> {
  const host = lab.hosts.find((each) => each.name === name)
  if (host === undefined) return
  if (identify(host.flanneldPid) !== undefined) killGroup(host.flanneldPid, 'SIGKILL')
  await waitUntil(() => (identify(host.flanneldPid) === undefined ? undefined : 'flanneld does not end'), {
    deadline: performance.now() + RAISE_MS,
  })
  write({ ...lab, hosts: lab.hosts.filter((each) => each !== host) })
  const key = `${lab.prefix}/subnets/${host.subnet.replace('/', '-')}`
  await editDatastore(lab, { etcd: 'delete', key })
  await clear(host)
  rmSync(`${lab.directory}/${name}`, { recursive: true, force: true })
}

export function labGrowth(lab: () => LabState): HostGrowth {
  return { add: () => add(lab()), remove: (host) => remove(lab(), host) }
}
