/**
 * Walks like those of route.ts with the first packet of a TCP connection and with UDP: pings say nothing about rules
 * that name a protocol or a port. Docker 28 and later writes such rules for published ports (moby
 * `libnetwork/drivers/bridge`, direct access filtering), firewalls for everything that they were not told to open.
 */
import { defineClusterCheck } from '../define.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { lossDraft } from '../trace/pairs/loss-draft.ts'
import { lossFixes } from '../trace/pairs/loss-fix.ts'
import { ownerOf, removalFixes, rulePlace } from '../trace/pairs/rule-removal.ts'
import { type ServiceLoss, serviceLosses } from '../trace/pairs/services.ts'

/** Begins with the protocol, by which it is told from the other one (`diagnosis/connection-edges.ts`). */
function objectOf({ protocol, port, object }: ServiceLoss): string {
  return `${protocol.toUpperCase()}${port === undefined ? '' : ` port ${port}`}, ${object}`
}

/** What no rule takes: a mark, a protocol or a port that leads by another route than pings. */
function astray(loss: ServiceLoss, snapshot: ClusterSnapshot) {
  const { data, ...draft } = lossDraft(loss)
  const { protocol, port, isWhole } = loss
  const common = {
    ...draft,
    object: objectOf(loss),
    data: { ...data, protocol: protocol.toUpperCase(), port: port ?? '' },
    fixes: lossFixes(loss, snapshot),
  }
  if (port !== undefined) return { ...common, code: 'port-astray' as const }
  return { ...common, code: 'protocol-astray' as const, ...(isWhole && { effect: 'loss' as const }) }
}

export const check = defineClusterCheck({
  id: 'path/service',
  title: 'TCP and UDP between containers where pings pass',
  backends: 'any',
  needs: ['config', 'leases'],
  walks: true,
  findings: {
    'protocol-dropped': {
      severity: 'warning',
      effect: 'risk',
      unseenByPings: true,
      confidence: 'certain',
      says: 'pings pass, but all of {protocol} is {does} on {host} by {world} chain {chain} ({ways}): {rule}',
      fix: 'Delete the rule on {host} if containers are to talk by {protocol}, or accept {network} before it; {owner}.',
    },
    'protocol-astray': {
      severity: 'warning',
      effect: 'risk',
      unseenByPings: true,
      confidence: 'certain',
      says: 'pings pass, but all of {protocol} is lost at {host} ({ways}): {why}',
      fix: 'Remove what sends {protocol} another way than pings on {host}: a policy rule (`ip rule show`) that selects by protocol, port or mark, the filter rule that gives that mark, or an IPsec policy.',
    },
    'published-port-dropped': {
      severity: 'warning',
      unseenByPings: true,
      confidence: 'certain',
      says: '{protocol} port {port} of {container}, which its host publishes as port {hostPort}, is {does} on {host} by {world} chain {chain} ({ways}): containers of other hosts reach it through that host only: {rule}',
      fix: 'Delete the rule on {host} if containers are to reach {container} directly, or let them use port {hostPort} of its host; {owner}.',
    },
    'port-astray': {
      severity: 'info',
      confidence: 'certain',
      says: '{protocol} port {port} is lost at {host} ({ways}) and the rest of {protocol} is not: {why}',
      fix: 'Nothing, if a program on {host} is to take that port; else remove the policy rule that selects it, or the filter rule that gives the mark.',
    },
    'port-dropped': {
      severity: 'info',
      confidence: 'certain',
      says: '{protocol} port {port} is {does} on {host} by {world} chain {chain} ({ways}): {rule}',
      fix: 'Nothing, if that service is not to be reached from other hosts; else delete the rule on {host}; {owner}.',
    },
  },
  *evaluate({ cluster: { snapshot }, facts }) {
    const network = formatPrefix(maskPrefix(facts.config.network))
    for (const loss of serviceLosses(snapshot)) {
      const { rule } = loss.hop
      if (rule === undefined) {
        yield astray(loss, snapshot)
        continue
      }
      const draft = lossDraft(loss)
      const protocol = loss.protocol.toUpperCase()
      const owner = ownerOf(rule, network) ?? 'see which program wrote it'
      const { world, chain, by } = rule
      const does = loss.hop.predicted === 'redirected' ? 'sent elsewhere' : 'dropped'
      const about = { world, chain, rule: by, network, owner, protocol, does }
      const data = { ...draft.data, ...about, port: loss.port ?? '' }
      const object = objectOf(loss)
      const common = {
        ...draft,
        object,
        observed: by,
        data,
        fixes: removalFixes(rule, rulePlace(loss.hop, network)),
      }
      const { published } = loss
      if (published !== undefined)
        yield {
          ...common,
          data: { ...data, container: published.address, hostPort: published.hostPort },
          code: 'published-port-dropped',
        }
      else if (loss.port !== undefined) yield { ...common, code: 'port-dropped' }
      else yield { ...common, code: 'protocol-dropped', ...(loss.isWhole && { effect: 'loss' }) }
    }
  },
})
