/** The iptables rules that flannel keeps on a host; where its version is not known, those of every generation. */

import type { NetworkConfig } from '../model/network-config.ts'
import { present } from '../model/present.ts'
import type { ExpectedRule } from './expected.ts'
import { forwardRules } from './forward.ts'
import { type Generation, isSince } from './generation.ts'
import type { Identity } from './identity.ts'
import { masqueradeRules } from './masquerade.ts'
import type { ObservedHost } from './observed-host.ts'

interface Keeper {
  readonly host: ObservedHost
  readonly config: NetworkConfig
  readonly identity: Identity
  readonly generation: Generation
}

/** Rules as they should be, or why they can be of several kinds. */
export function rules({ host, config, identity, generation }: Keeper) {
  const { version } = generation
  const native = config.enableNftables ? isSince(version, 'v0.25.0') : false
  if (native === undefined) return {}
  if (native) return { nftables: true, masqueradeRules: [], forwardRules: [] }
  const { ipMasq, iptablesForwardRules } = host.options ?? {}
  const owner = { config, lease: identity.lease }
  if (version === undefined) {
    const possible = everyList((tag) => forwardRules(tag, iptablesForwardRules, config))
    return {
      ...present({ possibleMasqueradeRules: everyList((tag) => masqueradeRules(tag, ipMasq, owner)) }),
      // Only versions that keep none then, v0.11.0 and later, take the option.
      ...(iptablesForwardRules === false
        ? { forwardRules: [] }
        : present({ possibleForwardRules: possible })),
    }
  }
  return {
    ...present({
      masqueradeRules: masqueradeRules(version, ipMasq, owner),
      forwardRules: forwardRules(version, iptablesForwardRules, config),
    }),
  }
}

/** One version of each generation of flannel's iptables rules, newest first. */
const RULE_GENERATIONS = ['v0.21.3', 'v0.20.2', 'v0.20.0', 'v0.10.0', 'v0.8.0', 'v0.7.0'] as const

/** The rules of every generation; undefined when a flag that decides is unknown. */
function everyList(
  rulesOf: (tag: string) => readonly ExpectedRule[] | undefined,
): readonly (readonly ExpectedRule[])[] | undefined {
  const lists = RULE_GENERATIONS.map(rulesOf)
  return lists.every((rules) => rules !== undefined) ? lists : undefined
}
