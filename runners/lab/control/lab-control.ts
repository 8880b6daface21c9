/** A lab as a target: of namespaces or of containers, it offers everything; of a cluster its API. */

import { readFileSync } from 'node:fs'
import type { HostName } from '../../../checks/model/snapshot.ts'
import { exitText } from '../../collect/collect.ts'
import { daemonEnd, isOurDaemon } from '../../hosts/command/daemon-ends.ts'
import { killGroup } from '../../hosts/command/spawn.ts'
import { identify } from '../../hosts/process-identity.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { endInContainer } from '../daemons/container-daemon.ts'
import { wordsOfRunning } from '../daemons/daemon.ts'
import { moveFlanneld, untilRunning } from '../daemons/flanneld-process.ts'
import { editDatastore, readSubnetKeys } from '../daemons/lab-datastore.ts'
import { LabError } from '../lab-error.ts'
import { labExec } from '../running/exec.ts'
import { findLab, type LabHost, type LabState } from '../running/state.ts'
import { waitUntil } from '../wait.ts'
import type {
  CommandControl,
  DatastoreControl,
  EndingSignal,
  FlanneldControl,
  HostControl,
} from './host-control.ts'
import { labCluster } from './lab-cluster.ts'
import { etcdService } from './lab-etcd.ts'
import { labGrowth } from './lab-growth.ts'

/** flanneld ends at once; one that shuts its backend down first takes a moment. */
const END_MS = 15_000

/** The lab as it is on disk: each start of a flanneld writes it anew. */
type Lab = () => LabState

function hostOf(lab: Lab, name: HostName): LabHost {
  const host = lab().hosts.find((each) => each.name === name)
  if (host === undefined) throw new LabError('failed', `lab ${lab().name} has no host ${name}`)
  return host
}

function wordsOf({ name, flanneldPid }: LabHost): readonly string[] {
  return wordsOfRunning(flanneldPid, `flanneld of ${name}`)
}

async function end(host: LabHost, signal: EndingSignal): Promise<void> {
  const { flanneldPid: pid, name } = host
  if (identify(pid) === undefined) return
  killGroup(pid, signal)
  const look = (): string | undefined =>
    identify(pid) === undefined ? undefined : `flanneld of ${name} does not end on ${signal}`
  await waitUntil(look, { deadline: performance.now() + END_MS })
}

function flanneldOf(lab: Lab): FlanneldControl {
  // Read while it runs: a flanneld that has ended no longer tells how it was started.
  const words = new Map(lab().hosts.map((host) => [host.name, wordsOf(host)]))
  const control: FlanneldControl = {
    end: (name, signal) => end(hostOf(lab, name), signal),
    start: async (name) => {
      await moveFlanneld(lab(), hostOf(lab, name), { to: 'start', argv: words.get(name) ?? [] })
      await untilRunning(hostOf(lab, name))
    },
    isRunning: async (name) => identify(hostOf(lab, name).flanneldPid) !== undefined,
    adopt: async (name) => {
      const host = hostOf(lab, name)
      if (host.engine !== undefined || isOurDaemon(host.flanneldPid)) return // an engine tells it
      await end(host, 'SIGKILL')
      await control.start(name)
    },
    lastEnd: async (name) => {
      const { flanneldPid, flanneldLog, engine } = hostOf(lab, name)
      if (engine !== undefined) return endInContainer(engine, flanneldLog)
      if (!isOurDaemon(flanneldPid)) return undefined
      const heard = (): string | undefined =>
        daemonEnd(flanneldPid) === undefined ? `how flanneld of ${name} ended is not known` : undefined
      await waitUntil(heard, { deadline: performance.now() + END_MS })
      const how = daemonEnd(flanneldPid)
      return how === undefined ? undefined : exitText(how)
    },
    log: async (name) => readFileSync(hostOf(lab, name).flanneldLog, 'utf8'),
  }
  return control
}

function commandsOf(lab: Lab): CommandControl {
  return {
    run: async (host, argv) => {
      const { end: how, stdout, stderr } = await labExec(lab(), host, { argv })
      return { ok: 'exit' in how && how.exit === 0, stdout: Buffer.from(stdout).toString('utf8'), stderr }
    },
  }
}

function datastoreOf(lab: Lab): DatastoreControl {
  return {
    keys: () => readSubnetKeys(lab()),
    put: (record) => editDatastore(lab(), { etcd: 'put', ...record }),
    remove: (key) => editDatastore(lab(), { etcd: 'delete', key }),
  }
}

/** The control of a lab that is up and healthy. Throws LabError when it is not up any more. */
export function labControl(name: string): HostControl {
  const lab: Lab = () => findLab(name)
  return {
    inventory: () => loadInventory(lab().inventory),
    // A kubelet starts its flanneld again.
    ...(!lab().kubernetes?.cluster && { flanneld: flanneldOf(lab) }),
    commands: commandsOf(lab),
    etcd: etcdService(lab),
    // Leases of nodes are edited through the cluster's API, and a host more would need a node.
    ...(lab().kubernetes === undefined
      ? { datastore: datastoreOf(lab), growth: labGrowth(lab) }
      : { cluster: labCluster(lab) }),
  }
}
