/** Pings through the overlay of a lab: the proof that a lab held for healthy works. */

import { LabError } from '../lab-error.ts'
import { SWITCH_ADDRESS } from '../plan/plan.ts'
import { labExec } from '../running/exec.ts'
import type { LabContainer, LabState } from '../running/state.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'

const PACKETS = 3

interface Path {
  readonly from: string
  readonly to: string
}

/** From a container of every host to one of every other; in a lab of one host through its masquerading to the switch. */
function pathsOf(lab: LabState): readonly Path[] {
  const ends = lab.hosts.flatMap(({ containers }) => containers.slice(0, 1))
  const others = (from: LabContainer): readonly string[] =>
    ends.length > 1 ? ends.filter((to) => to !== from).map(({ address }) => address) : [SWITCH_ADDRESS]
  return ends.flatMap((from) => others(from).map((to) => ({ from: from.name, to })))
}

async function ping(lab: LabState, { from, to }: Path, packets: number): Promise<string | undefined> {
  const argv = ['ping', '-n', '-c', `${packets}`, '-i', '0.05', '-W', '1', to]
  const said = Buffer.from((await labExec(lab, from, { argv })).stdout).toString('utf8')
  if (new RegExp(` ${packets} (packets )?received, 0% packet loss`).test(said)) return undefined
  return `${from} does not reach ${to}: ${said.trim().split('\n').at(-1) ?? ''}`
}

/** Throws LabError when there is nothing to ping between, when a path does not work, or when it then loses a packet. */
export async function proveOverlay(lab: LabState, bounds: WaitBounds): Promise<void> {
  const paths = pathsOf(lab)
  if (paths.length === 0) throw new LabError('failed', 'a lab without containers cannot be proved to work')
  await Promise.all(paths.map((path) => waitUntil(() => ping(lab, path, 1), bounds)))
  const lost = (await Promise.all(paths.map((path) => ping(lab, path, PACKETS)))).filter(Boolean)
  if (lost.length > 0) throw new LabError('failed', lost.join('; '))
}
