/** The command that takes one rule out, or that accepts the network before a policy, and whose rule it is. */
import type { LosingRule } from '../filter/verdict.ts'

const TOOLS = { 'iptables-nft': 'iptables', 'iptables-legacy': 'iptables-legacy', nft: 'nft' } as const

/** Programs that write their rules again, by the names of their tables and chains, and where they are told. */
const OWNERS: readonly (readonly [names: RegExp, advice: string])[] = [
  [
    /\bfirewalld\//,
    'firewalld writes it again: `firewall-cmd --permanent --zone=trusted --add-source={network}`, then `firewall-cmd --reload`',
  ],
  [/\bufw6?-/, 'ufw writes it again: `ufw route allow from {network} to {network}`'],
  [
    /\bDOCKER|docker-bridges/,
    'Docker writes it again: put an accept into the chain DOCKER-USER, or see its option --allow-direct-routing',
  ],
  [/\bKUBE-/, 'kube-proxy or the kubelet writes it again'],
  [/\bcali-/, 'Calico writes it again: it is a network policy'],
  [/\bCILIUM_/, 'Cilium writes it again'],
]

function ownerText({ chain, by }: LosingRule, network: string): string {
  const found = OWNERS.find(([names]) => names.test(`${chain} ${by}`))
  return found === undefined ? '' : `; ${found[1].replaceAll('{network}', network)}`
}

/** An nft chain is `family table/chain`, one of iptables `table/CHAIN`. */
function placeOf({ chain }: LosingRule): readonly [table: string, chain: string] {
  const slash = chain.lastIndexOf('/')
  return [chain.slice(0, slash), chain.slice(slash + 1)]
}

function removal(rule: LosingRule, network: string): string {
  const [table, chain] = placeOf(rule)
  if (rule.world === 'nft') {
    if (!rule.byPolicy) return `nft delete rule ${table} ${chain} handle ${rule.handle ?? 'HANDLE'}`
    const accept = `nft insert rule ${table} ${chain} ip`
    return `${accept} saddr ${network} accept; ${accept} daddr ${network} accept`
  }
  const tool = `${TOOLS[rule.world]} -t ${table}`
  if (!rule.byPolicy) return `${tool} -D ${rule.by.replace(/^-A /, '')}`
  return `${tool} -I ${chain} -s ${network} -j ACCEPT; ${tool} -I ${chain} -d ${network} -j ACCEPT`
}

/** `remove` is for a shell of that host; `owner` what to say besides, empty where nobody is known to write the rule. */
export function removalCommand(
  rule: LosingRule,
  network: string,
): { readonly remove: string; readonly owner: string } {
  return { remove: removal(rule, network), owner: ownerText(rule, network) }
}
