/** Puts causes in front that act where a packet was lost, and causes of hosts off its way behind. */
import type { Layer } from '../check.ts'
import type { Finding } from '../finding.ts'
import type { HostName } from '../model/snapshot.ts'
import type { LossSite } from '../trace/seen/loss-site.ts'
import { STAGES, type Stage } from '../trace/trace.ts'
import type { Cause } from './diagnose.ts'

/** Stages at which findings of a layer lose packets. A wrong VTEP shows only where the packet is taken out. */
const STAGES_OF: Readonly<Record<Layer, readonly Stage[]>> = {
  datastore: STAGES,
  node: ['route', 'neighbour', 'fdb', 'encap', 'underlay', 'decap', 'forward-in'],
  lease: ['route', 'neighbour', 'fdb', 'encap', 'underlay', 'decap', 'forward-in'],
  daemon: ['route', 'neighbour', 'fdb', 'encap', 'underlay', 'decap', 'forward-in'],
  'subnet-env': ['source', 'bridge', 'encap', 'bridge-in'],
  underlay: ['encap', 'underlay', 'decap'],
  link: ['route', 'neighbour', 'fdb', 'encap', 'decap', 'forward-in'],
  tunnel: ['fdb', 'encap', 'underlay', 'decap', 'forward-in'],
  route: ['source', 'forward', 'route', 'neighbour', 'encap', 'forward-in', 'target'],
  neighbour: ['neighbour', 'encap', 'decap', 'forward-in'],
  fdb: ['fdb', 'encap', 'underlay', 'decap', 'forward-in'],
  netfilter: ['bridge', 'forward', 'encap', 'underlay', 'decap', 'forward-in', 'bridge-in'],
  cni: ['source', 'bridge', 'bridge-in', 'target'],
  bridge: ['source', 'bridge', 'forward-in', 'bridge-in', 'target'],
  path: STAGES,
  dataplane: STAGES,
}

function hostsOf({ subject: { host, peer } }: Finding): readonly HostName[] {
  return [host, peer].filter((one) => one !== undefined)
}

function actsAt(finding: Finding, { at }: LossSite): boolean {
  const stages = STAGES_OF[finding.code.split('/')[0] as Layer] ?? []
  const hosts = hostsOf(finding)
  return at.some(({ host, stage }) => stages.includes(stage) && (hosts.length === 0 || hosts.includes(host)))
}

/** 0: critical and acts where the packet was lost; 1: may concern it; 2: on hosts it does not pass. */
function group({ finding, severity, explains }: Cause, loss: LossSite): number {
  const all = [finding, ...explains]
  const isOff = all.every((each) => {
    const hosts = hostsOf(each)
    return hosts.length > 0 && !hosts.some((host) => loss.path.includes(host))
  })
  if (isOff) return 2
  return severity === 'critical' && all.some((each) => actsAt(each, loss)) ? 0 : 1
}

/** The same causes, ranked anew; those of one group keep their order. */
export function rankByStage(causes: readonly Cause[], loss: LossSite): readonly Cause[] {
  return causes
    .map((cause) => ({ cause, group: group(cause, loss) }))
    .sort((a, b) => a.group - b.group)
    .map(({ cause }, index) => ({ ...cause, rank: index + 1 }))
}
