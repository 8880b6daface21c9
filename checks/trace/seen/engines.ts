/** The three engines beside each other: what leases intend, what the walk predicts, what was observed. */
import { knownValue } from '../../expected/observed-host.ts'
import {
  containsAddress,
  formatAddress,
  formatPrefix,
  maskPrefix,
  parseAddress,
} from '../../model/address.ts'
import { endName } from '../../model/path.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { hopText } from '../text/trace-sentence.ts'
import type { Trace } from '../trace.ts'

function intended(snapshot: ClusterSnapshot, { to }: Trace): string {
  const [config, leases] = [knownValue(snapshot.datastore.config), knownValue(snapshot.datastore.leases)]
  const address = parseAddress(to.address)
  if (config === undefined || leases === undefined || address === undefined) return 'not known'
  const lease = leases.leases.find(({ subnet }) => containsAddress(subnet, address))
  if (lease === undefined) return `no lease has ${to.address}`
  const subnet = formatPrefix(maskPrefix(lease.subnet))
  return `by ${config.backendType} to ${formatAddress(lease.publicIp)}, which leases ${subnet}`
}

function predicted({ hops }: Trace): string {
  const drop = hops.find((hop) => hop.predicted !== 'forwarded')
  if (drop === undefined) return 'arrives'
  return drop.predicted === 'not-enough-facts'
    ? `not told behind ${hopText(drop)}`
    : `${drop.predicted} at ${hopText(drop)}`
}

function observed({ ends, hops, lastSeen, to }: Trace): string {
  if (ends === 'delivered') return `arrived at ${endName(to)}`
  const last = lastSeen === undefined ? undefined : hops[lastSeen]
  return last === undefined ? 'seen nowhere' : `last on ${hopText(last)}`
}

const AGREEMENT: Readonly<Record<Trace['agreement'], string>> = {
  confirmed: 'prediction and observation agree',
  'predicted-only': 'nothing observed confirms the prediction',
  contradicted: 'the collected state does not explain what was observed: that is the finding',
}

/** `intended …; predicted …; observed …: they agree`, for one direction. */
export function enginesText(snapshot: ClusterSnapshot, trace: Trace): string {
  const words = [
    `intended ${intended(snapshot, trace)}`,
    `predicted ${predicted(trace)}`,
    `observed ${observed(trace)}`,
  ]
  return `${words.join('; ')}: ${AGREEMENT[trace.agreement]}`
}
