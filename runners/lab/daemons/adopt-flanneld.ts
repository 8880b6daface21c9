/** A fix of a report starts flanneld anew, beside the lab: such a process becomes the lab's own. */
import { basename } from 'node:path'
import { commandWords, identify, processesIn } from '../../hosts/process-identity.ts'
import { record } from '../ledger/ledger.ts'
import { writeInventory } from '../running/inventory.ts'
import { type LabHost, type LabState, writeState } from '../running/state.ts'

/** The flanneld that runs in the host's network in place of the one that the lab started there. */
function startedAnew({ namespace, flanneldPid }: LabHost): number | undefined {
  if (namespace === '' || identify(flanneldPid) !== undefined) return undefined
  return processesIn(namespace).find((pid) => basename(commandWords(pid)?.[0] ?? '') === 'flanneld')
}

/**
 * The lab with the flanneld that each host runs now. State and inventory are written where one was started by somebody
 * else; with none of them nothing is.
 */
export function adoptFlanneld(lab: LabState): LabState {
  const hosts = lab.hosts.map((host) => {
    const pid = startedAnew(host)
    const process = pid === undefined ? undefined : identify(pid)
    if (process === undefined) return host
    record(lab.directory, { kind: 'process', role: `flanneld of ${host.name}`, process })
    return { ...host, flanneldPid: process.pid }
  })
  if (hosts.every((host, index) => host === lab.hosts[index])) return lab
  const now = { ...lab, hosts }
  writeState(now)
  writeInventory(now)
  return now
}
