/** Undoes what is injected in a lab. */
import type { Fault } from '../../../fixtures/fault.ts'
import { $ } from '../../hosts/command/zx.ts'
import { untilRunning } from '../daemons/flanneld-process.ts'
import { LabError } from '../lab-error.ts'
import { placePrefix } from '../place.ts'
import { findLab, type LabHost, type LabState } from '../running/state.ts'
import { waitUntil } from '../wait.ts'
import { doSteps, type Site } from './fault-steps.ts'
import { findFault, injectedIn, remember } from './inject.ts'

function stepsOf(fault: Fault, site: Site) {
  if (fault.heal !== 'new lab') return fault.heal(site.context)
  throw new LabError('failed', `${fault.id} cannot be undone: remove the lab and bring up another`)
}

/** Peers follow a lease within a tenth of a second; the next look at the lab tells what did not come. */
const SETTLE_MS = 10_000

/** What a host does not route yet; with udp no host has a route of its own for a peer. */
async function missingRoute(lab: LabState, host: LabHost): Promise<string | undefined> {
  const { stdout } = await $`${placePrefix(host)} ip route`
  const peers = lab.hosts.filter((each) => each !== host)
  return peers.find(({ subnet }) => !stdout.includes(`${subnet} `))?.subnet
}

/** flanneld runs before it has written its peers, and peers hear of it later: until then the lab looks broken. */
async function untilRouted(lab: LabState): Promise<void> {
  if (lab.backend === 'udp') return
  const deadline = performance.now() + SETTLE_MS
  const routed = (host: LabHost): Promise<void> =>
    waitUntil(async () => (performance.now() > deadline ? undefined : missingRoute(lab, host)), { deadline })
  await Promise.all(lab.hosts.map(routed))
}

/**
 * Undoes every fault of the lab, last injected first, and gives their names; without any it does
 * nothing. Throws LabError when a step fails or a fault cannot be undone.
 */
export async function heal(name: string): Promise<readonly string[]> {
  const healed: string[] = []
  for (;;) {
    const lab = findLab(name)
    const left = injectedIn(lab)
    const last = left.at(-1)
    if (last === undefined) {
      if (healed.length > 0) await untilRouted(lab)
      return healed
    }
    const site: Site = { lab, context: last.context }
    await doSteps(site, last.heal ?? stepsOf(findFault(last.fault), site))
    const restarted = site.lab.hosts.filter(({ flanneldPid }, i) => flanneldPid !== lab.hosts[i]?.flanneldPid)
    await Promise.all(restarted.map(untilRunning))
    remember(lab, left.slice(0, -1))
    healed.push(last.fault)
  }
}
