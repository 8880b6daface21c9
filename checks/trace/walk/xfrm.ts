/**
 * What IPsec policies of a host do to a packet that is not encrypted (Linux `net/xfrm/xfrm_policy.c`, `__xfrm_policy_check`,
 * `xfrm_lookup_with_ifid`): of those that select it the one with the lowest priority counts; it blocks, or wants it encrypted.
 */
import { containsAddress, parsePrefix } from '../../model/address.ts'
import type { XfrmPolicy } from '../../model/xfrm.ts'
import { every, type Headers, isProtocol, portOf, type Truth } from '../filter/packet.ts'
import { byPriority } from '../lookup/by-priority.ts'
import type { Kept } from './state.ts'
import { type HostView, line, unreadFact } from './world.ts'

type Selected = Pick<
  Headers,
  'source' | 'destination' | 'protocol' | 'sourcePort' | 'destinationPort' | 'icmpType'
>

function inPrefix(text: string, address: number): boolean {
  const prefix = parsePrefix(text)
  return prefix !== undefined && containsAddress(prefix, address)
}

const SELECTORS: Readonly<Record<string, (value: string, packet: Selected, link: string) => Truth>> = {
  proto: (value, { protocol }) => isProtocol(value, protocol),
  sport: (value, packet) => Number(value) === portOf(packet, 'sourcePort'),
  dport: (value, packet) => Number(value) === portOf(packet, 'destinationPort'),
  type: (value, { icmpType }) => Number(value) === icmpType,
  code: (value) => value === '0',
  dev: (value, _packet, link) => value === link,
  // Those of an interface of its own kind (ip-link(8), xfrm), by which nothing goes that is followed.
  if_id: (value) => Number(value) === 0,
}

/** Whether a policy is about the packet; marks cannot be told. */
function selects(policy: XfrmPolicy, packet: Selected, link: string): Truth {
  const { source, destination, selectors } = policy
  if (!inPrefix(source, packet.source) || !inPrefix(destination, packet.destination)) return false
  return every(
    selectors.map((one) => {
      const [key = '', value = ''] = one.split(' ')
      return SELECTORS[key]?.(value, packet, link) ?? 'unknown'
    }),
  )
}

const WORDS = { in: 'that come to it', out: 'that leave it', fwd: 'that it forwards' } as const

/** What a policy does to a packet of its own kind; encrypted ones are not followed. */
function lossTo(host: HostView, policy: XfrmPolicy, hasKeys: boolean): Kept | undefined {
  const used = [line(host, 'xfrm', policy.text)]
  const packets = `packets ${WORDS[policy.direction]}`
  if (policy.isBlock) return { problem: ['ipsec', `an IPsec policy of ${host.name} blocks ${packets}`], used }
  if (!policy.isRequired) return undefined
  return hasKeys
    ? {
        problem: [
          'not-enough-facts',
          `an IPsec policy of ${host.name} wants ${packets} encrypted: that is not followed`,
        ],
        used,
      }
    : {
        problem: ['ipsec', `an IPsec policy of ${host.name} wants ${packets} encrypted, and it has no keys`],
        used,
      }
}

/** What keeps a packet from being sent, forwarded or taken in by `link`; undefined where no policy does. */
export function keptByIpsec(
  host: HostView,
  at: { readonly direction: XfrmPolicy['direction']; readonly link: string; readonly packet: Selected },
): Kept | undefined {
  const fact = host.facts.xfrm
  if (!fact.known) return unreadFact(host, 'xfrm')
  for (const policy of byPriority(fact.value.policies)) {
    if (policy.direction !== at.direction) continue
    const answer = selects(policy, at.packet, at.link)
    if (answer === false) continue
    const loss = lossTo(host, policy, fact.value.associations > 0)
    if (answer === true) return loss
    if (loss !== undefined)
      return {
        ...loss,
        problem: ['not-enough-facts', `whether this IPsec policy selects it cannot be told: ${policy.text}`],
      }
  }
  return undefined
}
