/**
 * The iptables rules that accept forwarded traffic of the network, table filter.
 * flannel `pkg/trafficmngr/iptables/iptables.go`, `forwardRules`; none before v0.10.0.
 */
import { formatPrefix, maskPrefix } from '../model/address.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { ExpectedRule } from './expected.ts'
import { isSince } from './generation.ts'

/** Chain of flannel's own rules since v0.20.0. */
const CHAIN = 'FLANNEL-FWD'

/** The rules; undefined when the version, or since v0.11.0 `-iptables-forward-rules`, is unknown. */
export function forwardRules(
  version: string | undefined,
  wanted: boolean | undefined,
  config: NetworkConfig,
): readonly ExpectedRule[] | undefined {
  const exist = isSince(version, 'v0.10.0')
  if (exist === undefined) return undefined
  if (!exist) return []
  if (isSince(version, 'v0.11.0')) {
    if (wanted === undefined) return undefined
    if (!wanted) return []
  }
  const ownChain = isSince(version, 'v0.20.0') === true
  const network = formatPrefix(maskPrefix(config.network))
  const chain = ownChain ? CHAIN : 'FORWARD'
  return [
    ...(ownChain ? [rule('FORWARD', `-j ${CHAIN}`)] : []),
    rule(chain, `-s ${network} -j ACCEPT`),
    rule(chain, `-d ${network} -j ACCEPT`),
  ]
}

function rule(chain: string, words: string): ExpectedRule {
  return { table: 'filter', chain, words: words.split(' ') }
}
