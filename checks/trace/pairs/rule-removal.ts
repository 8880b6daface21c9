/** The commands that take one rule out, or that accept the network before a policy, and whose rule it is. */
import type { Fix } from '../../heal-step.ts'
import { present } from '../../model/present.ts'
import { shellWord } from '../../model/shell-words.ts'
import type { LosingRule } from '../filter/verdict.ts'
import type { Hop } from '../trace.ts'
import { insideFact } from '../walk/container-view.ts'

const TOOLS = {
  'iptables-nft': 'iptables',
  'iptables-legacy': 'iptables-legacy',
  'ip6tables-nft': 'ip6tables',
  'ip6tables-legacy': 'ip6tables-legacy',
  nft: 'nft',
} as const

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

/** Who writes the rule again once it is gone, and where that one is told; undefined where nobody is known to. */
export function ownerOf({ chain, by }: LosingRule, network: string): string | undefined {
  const found = OWNERS.find(([names]) => names.test(`${chain} ${by}`))
  return found?.[1].replaceAll('{network}', network)
}

/** An nft chain is `family table/chain`, one of iptables `table/CHAIN`. */
function placeOf({ chain }: Pick<LosingRule, 'chain'>): readonly [table: readonly string[], chain: string] {
  const slash = chain.lastIndexOf('/')
  return [chain.slice(0, slash).split(' '), chain.slice(slash + 1)]
}

/** A command line; undefined where a word cannot be typed. */
function typed(words: readonly string[]): string | undefined {
  const quoted = words.map(shellWord)
  return quoted.includes(undefined) ? undefined : quoted.join(' ')
}

interface Change {
  readonly command: string | undefined
  readonly undo: string | undefined
}

/** A queue that nobody reads drops everything, unless the rule lets packets by in that case (iptables-extensions(8), NFQUEUE). */
function bypass({ world, words = [], position = 1, chain: place }: LosingRule): Change | undefined {
  const target = words.slice(words.indexOf('-j'))
  if (world === 'nft' || target[1] !== 'NFQUEUE' || target.includes('--queue-bypass')) return undefined
  const [table, chain] = placeOf({ chain: place })
  const there = [TOOLS[world], '-t', ...table, '-R', chain, `${position}`, ...words]
  return { command: typed([...there, '--queue-bypass']), undo: typed(there) }
}

function removal(rule: LosingRule): Change {
  const [table, chain] = placeOf(rule)
  const { world, words = [], position = 1, handle } = rule
  if (world !== 'nft') {
    const tool = [TOOLS[world], '-t', ...table]
    return {
      command: typed([...tool, '-D', chain, ...words]),
      undo: typed([...tool, '-I', chain, `${position}`, ...words]),
    }
  }
  const command =
    handle === undefined
      ? undefined
      : typed([TOOLS.nft, 'delete', 'rule', ...table, chain, 'handle', `${handle}`])
  return { command, undo: undefined }
}

/** Accepts in front of a policy: of what is told to be accepted, else of what comes from the network and what goes there. */
function acceptance(rule: LosingRule, { network, accepted }: RulePlace): readonly Change[] {
  const [table, chain] = placeOf(rule)
  const { world } = rule
  if (world === 'nft') {
    const family = network.includes(':') ? 'ip6' : 'ip'
    const selectors = accepted ? [accepted.nft] : ['saddr', 'daddr'].map((side) => [family, side, network])
    return selectors.map((words) => ({
      command: typed([TOOLS.nft, 'insert', 'rule', ...table, chain, ...words, 'accept']),
      undo: undefined,
    }))
  }
  const selectors = accepted ? [accepted.iptables] : ['-s', '-d'].map((side) => [side, network])
  return selectors.map((selector) => {
    const words = [chain, ...selector, '-j', 'ACCEPT']
    const tool = [TOOLS[world], '-t', ...table]
    return { command: typed([...tool, '-I', ...words]), undo: typed([...tool, '-D', ...words]) }
  })
}

/** Where a rule is, for whom it should leave the network alone. */
export interface RulePlace {
  readonly host: string
  readonly network: string
  /** Set where the packets carry others: the port and the link that they come in by, for the program that writes the rule. */
  readonly opened?: { readonly port: number; readonly link: string }
  /** What packets are accepted in front of a policy, in words of either tool, where the network does not name them. */
  readonly accepted?: { readonly iptables: readonly string[]; readonly nft: readonly string[] }
  /** What leads into a container's network, where it is a rule of one. */
  readonly words?: string
}

/** The place of the rule that a packet is lost to. */
export function rulePlace({ host, used }: Hop, network: string): RulePlace {
  const [words] = used.flatMap(({ source }) => insideFact(source)?.words ?? [])
  return { host, network, ...present({ words }) }
}

interface OwnerCommand {
  readonly command: string
  readonly undo?: string
}

/** Of a link that is in no zone the default zone decides (firewall-cmd(1)). */
function zoneOf(link: string): string {
  return `"$(firewall-cmd --get-zone-of-interface=${link} || firewall-cmd --get-default-zone)"`
}

/** firewalld sorts packets into zones by their outer source or link: the network names none of those that carry it. */
function toldToFirewalld({ network, opened }: RulePlace): readonly OwnerCommand[] {
  const [zone, added] =
    opened === undefined ? ['trusted', `source=${network}`] : [zoneOf(opened.link), `port=${opened.port}/udp`]
  const tell = `firewall-cmd --permanent --zone=${zone}`
  return [
    { command: `${tell} --add-${added}`, undo: `${tell} --remove-${added}` },
    { command: 'firewall-cmd --reload' },
  ]
}

/** Routed packets and those for the host itself have rules of their own kind (ufw(8)). */
function toldToUfw({ network, opened }: RulePlace): readonly OwnerCommand[] {
  const [kind, rule] =
    opened === undefined
      ? ['ufw route', `allow from ${network} to ${network}`]
      : ['ufw', `allow in on ${opened.link} to any port ${opened.port} proto udp`]
  return [{ command: `${kind} ${rule}`, undo: `${kind} delete ${rule}` }]
}

/** What the program that writes the rule again is told instead: a rule edited beside it is gone with its next reload. */
function toldToOwner({ world, chain, by }: LosingRule, place: RulePlace): readonly OwnerCommand[] {
  const names = `${chain} ${by}`
  const { network } = place
  if (/\bfirewalld\//.test(names)) return toldToFirewalld(place)
  if (/\bufw6?-/.test(names)) return toldToUfw(place)
  // Docker asks this chain before its own, and leaves what is in it alone.
  if (world === 'nft' || !/^filter\/DOCKER(?!-USER)/.test(chain)) return []
  return ['-s', '-d'].map((side) => {
    const words = `DOCKER-USER ${side} ${network} -j ACCEPT`
    return { command: `${TOOLS[world]} -t filter -I ${words}`, undo: `${TOOLS[world]} -t filter -D ${words}` }
  })
}

/** The commands for a root shell of the host; empty where the rule cannot be named. */
export function removalFixes(rule: LosingRule, place: RulePlace): readonly Fix[] {
  const { host, network, opened, words } = place
  const there = (command: string): string => (words === undefined ? command : `${words} ${command}`)
  const told = toldToOwner(rule, place)
  if (told.length > 0) {
    const isKept = !told.some(({ command }) => command.startsWith('iptables'))
    const what = opened === undefined ? network : `UDP ${opened.port}`
    const effect = `${what} passes, and still does after a reload`
    return told.map((one) => ({ host, effect, restartProof: isKept, ...one }))
  }
  const changes = rule.byPolicy ? acceptance(rule, place) : [bypass(rule) ?? removal(rule)]
  const effect = rule.byPolicy
    ? `${place.accepted?.iptables.join(' ') ?? network} passes before the policy`
    : 'this rule takes no more packets'
  return changes.flatMap(({ command, undo }) =>
    command === undefined
      ? []
      : [
          {
            host,
            command: there(command),
            effect,
            restartProof: false,
            ...(undo !== undefined && { undo: there(undo) }),
          },
        ],
  )
}
