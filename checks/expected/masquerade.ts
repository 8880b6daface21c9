/**
 * The iptables rules behind `-ip-masq`, table nat, in order, for each range of versions.
 * flannel `pkg/trafficmngr/iptables/iptables.go`, `masqRules` (`network/iptables.go` up to v0.24).
 */
import { formatPrefix, maskPrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import { KUBE_PROXY_MARK, MULTICAST } from './constants.ts'
import type { ExpectedRule } from './expected.ts'
import { isSince } from './generation.ts'

/** Chain of flannel's own rules since v0.20.0. */
const CHAIN = 'FLANNEL-POSTRTG'

/** True for a rule that flanneld wrote and would write again. */
export function isFlanneldRule({ chain, by }: { readonly chain: string; readonly by: string }): boolean {
  return chain.endsWith(`/${CHAIN}`) || by.includes('flanneld masq')
}

/** The rules of one host; undefined when the version or `-ip-masq` is unknown, empty when flannel does not masquerade. */
export function masqueradeRules(
  version: string | undefined,
  ipMasq: boolean | undefined,
  owner: { readonly config: NetworkConfig; readonly lease: Lease },
): readonly ExpectedRule[] | undefined {
  if (ipMasq === false) return []
  if (ipMasq === undefined || isSince(version, 'v0.0.0') === undefined) return undefined
  const since = (tag: string) => isSince(version, tag) === true
  const network = formatPrefix(maskPrefix(owner.config.network))
  const subnet = formatPrefix(maskPrefix(owner.lease.subnet))
  const ownChain = since('v0.20.0')
  const chain = ownChain ? CHAIN : 'POSTROUTING'
  return [
    ...(ownChain ? [rule('POSTROUTING', `-j ${CHAIN}`)] : []),
    ...(since('v0.20.2') ? [rule(chain, `-m mark --mark ${KUBE_PROXY_MARK} -j RETURN`)] : []),
    ...(since('v0.21.0')
      ? perSubnet(network, subnet)
      : perNetwork(network, since('v0.8.0') ? subnet : undefined)
    ).map((words) => rule(chain, words)),
  ]
}

/** Up to v0.20.2: everything inside the network is exempt; `subnet` is absent before v0.8.0. */
function perNetwork(network: string, subnet: string | undefined): readonly string[] {
  return [
    `-s ${network} -d ${network} -j RETURN`,
    `-s ${network} ! -d ${MULTICAST} -j MASQUERADE`,
    ...(subnet ? [`! -s ${network} -d ${subnet} -j RETURN`] : []),
    `! -s ${network} -d ${network} -j MASQUERADE`,
  ]
}

/** v0.21.0 and later: only traffic from or to the own subnet is exempt. */
function perSubnet(network: string, subnet: string): readonly string[] {
  return [
    `-s ${subnet} -d ${network} -j RETURN`,
    `-s ${network} -d ${subnet} -j RETURN`,
    `! -s ${network} -d ${subnet} -j RETURN`,
    `-s ${network} ! -d ${MULTICAST} -j MASQUERADE`,
    `! -s ${network} -d ${network} -j MASQUERADE`,
  ]
}

function rule(chain: string, words: string): ExpectedRule {
  return { table: 'nat', chain, words: words.split(' ') }
}
