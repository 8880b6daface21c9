/** Findings about services that hosts were asked for, by their own addresses or by ports of nodes. */
import type { Draft, Evidence, Unsure } from '../check.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import { named, objectText } from '../model/named.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { KubernetesStatus } from '../model/node.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { AskedService } from '../trace/pairs/cluster-ips.ts'
import { removalFixes, rulePlace } from '../trace/pairs/rule-removal.ts'

type Code = 'not-translated' | 'elsewhere' | 'lost'

/**
 * Hosts on which a kube-proxy should write rules: software that replaces it writes none, so a host counts only where a
 * kube-proxy is known to run on it, or where another host of the cluster gives a service to an endpoint.
 */
function proxied(
  asked: readonly AskedService[],
  { pods = [] }: KubernetesStatus,
  snapshot: ClusterSnapshot,
): (host: string) => boolean {
  if (asked.some(({ way }) => way.kind === 'given')) return () => true
  const { hostByNode } = clusterIdentity(snapshot)
  const nodes = pods.flatMap(({ name, node }) => (/^kube-proxy(-|$)/.test(name) && node ? [node] : []))
  const hosts = new Set(nodes.flatMap((node) => hostByNode.get(node) ?? []))
  return (host) => hosts.has(host)
}

/** The service as Kubernetes has it, and the rules of the host that do not. */
function bothSides(
  { hosts, datastore: { kubernetes } }: ClusterSnapshot,
  host: string,
  { object, expected }: Pick<Draft, 'object' | 'expected'>,
): readonly Evidence[] {
  const facts = hosts.get(host)?.facts
  const rules = facts && [facts.iptables, facts.iptablesLegacy, facts.nftables].find(({ known }) => known)
  const excerpts = [
    [kubernetes, 'kubectl get services,endpointslices -A', `${objectText(object)}: ${expected}`],
    [rules, rules?.from.command, 'no rule gives it'],
  ] as const
  return excerpts.flatMap(([fact, command, excerpt]) =>
    fact === undefined || command === undefined
      ? []
      : [{ source: { ...fact.from, command }, excerpt, derived: true }],
  )
}

function draftOf(
  { host, service, port, address, way }: AskedService,
  network: string,
  snapshot: ClusterSnapshot,
): Omit<Draft<Code>, 'code'> {
  const name = `${service.namespace}/${service.name}`
  const [end] = port.endpoints
  const common = {
    host,
    object: named('service', name),
    expected: `${address} given to ${end?.address}:${end?.port}`,
  }
  const data = { host, service: name, address, why: '' }
  if ('why' in way) return { ...common, observed: way.why, data: { ...data, why: way.why }, shownBy: 'ipvs' }
  if (!('hop' in way))
    return { ...common, observed: 'no rule', data, evidence: bothSides(snapshot, host, common) }
  const { rule, why = '', used } = way.hop
  return {
    ...common,
    observed: rule?.by ?? why,
    data: { ...data, why },
    ...(rule && { fixes: removalFixes(rule, rulePlace(way.hop, network)), evidence: used }),
  }
}

/** A finding for each that is not given to one of its endpoints. */
export function* askedServiceFindings(
  asked: readonly AskedService[],
  about: {
    readonly kubernetes: KubernetesStatus
    readonly config: NetworkConfig
    readonly snapshot: ClusterSnapshot
  },
): Generator<Draft<Code> | Unsure> {
  const isProxied = proxied(asked, about.kubernetes, about.snapshot)
  const network = formatPrefix(maskPrefix(about.config.network))
  for (const one of asked) {
    const { host, way, address } = one
    if (way.kind === 'given' || !isProxied(host)) continue
    if (way.kind === 'open') {
      const why = 'hop' in way ? way.hop.why : way.why
      yield { unsure: `what ${host} does with ${address} is undecided: ${why}` }
    } else yield { code: way.kind, ...draftOf(one, network, about.snapshot) }
  }
}
