/** A host container more in a docker lab that is up, and its removal. */

import { identify } from '../../hosts/process-identity.ts'
import { readEngine } from '../daemons/engine-api.ts'
import { record } from '../ledger/ledger.ts'
import type { EngineContainer } from '../place.ts'
import type { PlannedHost } from '../plan/plan.ts'
import type { LabState } from '../running/state.ts'
import { removeContainer } from './labelled.ts'
import { startHostContainer } from './lay.ts'
import { placeHost } from './placement.ts'

/** The image its other hosts are made of. */
async function imageOf({ socket, container }: EngineContainer): Promise<string> {
  const path = `/containers/${container}/json`
  return (await readEngine<{ Config: { Image: string } }>(socket, { method: 'GET', path })).Config.Image
}

/**
 * Starts the host's container in the engine and the network of the others and gives the host as it is there; one
 * of that name, left by a process that was killed, goes first. Throws LabError when the engine refuses.
 */
export async function growInEngine(
  lab: LabState,
  asked: PlannedHost,
  beside: EngineContainer,
): Promise<PlannedHost> {
  const { socket } = beside
  const place: EngineContainer = { socket, container: `fd-${lab.token}-${asked.name}` }
  const host = placeHost(asked, place, asked.address.replace(/\.\d+$/, ''))
  const owner = identify(process.pid)
  if (owner !== undefined) record(lab.directory, { kind: 'growth', owner })
  await removeContainer(socket, place.container)
  await startHostContainer(lab, host, {
    engine: { socket, token: lab.token, network: `fd-${lab.token}` },
    image: await imageOf(beside),
    flanneld: lab.flanneld.path,
  })
  return host
}
