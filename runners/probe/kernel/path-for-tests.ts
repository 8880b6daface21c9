/** The path between the containers of a lab's first two hosts, and a ping along it. */

import type { Runner } from '../../hosts/command/runner.ts'
import { netnsRunner } from '../../hosts/netns.ts'
import type { LabHost, LabState } from '../../lab/running/state.ts'
import { DEFAULT_TUNNEL_PORTS } from '../capture/decoding.ts'
import { identityOptions, newProbeIdentity, type ProbeIdentity } from '../capture/probe-identity.ts'
import type { TapPoint } from '../capture/tap.ts'
import { type RunningTaps, startTaps, type TapReport } from '../capture/taps.ts'

/** Octets of payload. */
const PING_SIZE = 200

const FLANNEL_LINK: Readonly<Record<LabState['backend'], string | undefined>> = {
  vxlan: 'flannel.1',
  udp: 'flannel0',
  'host-gw': undefined,
}

function place<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the lab has no such place')
  return value
}

export interface LabPath {
  readonly hosts: readonly [Runner, Runner]
  readonly containers: readonly [Runner, Runner]
  readonly addresses: readonly [string, string]
  readonly points: readonly TapPoint[]
}

function pointsOf(host: LabHost, link: string | undefined): readonly TapPoint[] {
  const onHost = netnsRunner(host.name, host.namespace)
  const inside = netnsRunner(host.name, place(host.containers[0]).namespace)
  const at = (runner: Runner, name: string, stage: TapPoint['stage']): TapPoint => {
    return { runner, host: host.name, link: name, stage }
  }
  return [
    at(inside, 'eth0', 'source'),
    at(onHost, 'vethc1', 'bridge'),
    at(onHost, 'docker0', 'bridge'),
    ...(link === undefined ? [] : [at(onHost, link, 'encap')]),
    at(onHost, 'eth0', 'underlay'),
  ]
}

export function pathOf(lab: LabState): LabPath {
  const [first, second] = [place(lab.hosts[0]), place(lab.hosts[1])]
  const link = FLANNEL_LINK[lab.backend]
  const inside = (host: LabHost): Runner => netnsRunner(host.name, place(host.containers[0]).namespace)
  return {
    hosts: [netnsRunner('h1', first.namespace), netnsRunner('h2', second.namespace)],
    containers: [inside(first), inside(second)],
    addresses: [place(first.containers[0]).address, place(second.containers[0]).address],
    points: [...pointsOf(first, link), ...pointsOf(second, link).toReversed()],
  }
}

/** One ping from the first container to the second; whether it was answered. */
export async function pingAlong(path: LabPath, probe: ProbeIdentity, size = PING_SIZE): Promise<boolean> {
  const words = ['-n', '-c', '1', '-W', '1', '-s', String(size), ...identityOptions(probe)]
  const { end } = await path.containers[0].run(['ping', ...words, '--', path.addresses[1]])
  return 'exit' in end && end.exit === 0
}

export interface TappedPing {
  readonly answered: boolean
  readonly reports: readonly TapReport[]
  readonly readyMs: number
}

/** The same, with a tap at every stage. */
export async function tappedPing(path: LabPath): Promise<TappedPing> {
  const probe = newProbeIdentity()
  const watch = { probes: [probe], ports: DEFAULT_TUNNEL_PORTS, addresses: path.addresses }
  const taps: RunningTaps = await startTaps(path.points, watch)
  const answered = await pingAlong(path, probe)
  return { answered, reports: await taps.stop(), readyMs: taps.readyMs }
}

/** Where a part of the probe was seen, as `h1 docker0`, in the order of the request's path. */
export function seenAt(reports: readonly TapReport[], part: 'request' | 'reply'): readonly string[] {
  return reports
    .filter(({ sightings }) => sightings.some((sighting) => sighting.part === part))
    .map(({ point }) => `${point.host} ${point.link}`)
}
