/**
 * What proves a finding. The part of the raw output that shows it, where there is one: then the excerpt is literally what
 * the command prints. An absence or a comparison is no line of any output: it is marked as derived and shows both sides.
 */
import type { Draft, Evidence } from './check.ts'
import { isNamed, type ObjectKind } from './model/named.ts'
import { partWith, tokensOf } from './model/raw-lines.ts'
import type { ClusterSnapshot, DatastoreFactName, FactName, HostFactName, Source } from './model/snapshot.ts'
import { filled, narrowed, printedPart } from './proof-command.ts'
import { blockOf, literals } from './proof-parts.ts'

type Sources = Readonly<Partial<Record<FactName, Source>>>

/** Kinds of objects to the facts that show them, best first. */
const SHOWN_BY: Readonly<Record<ObjectKind, readonly FactName[]>> = {
  sysctl: ['sysctls'],
  link: ['links', 'addresses', 'docker'],
  'external link': ['links'],
  address: ['addresses'],
  route: ['routes'],
  neighbour: ['neighbours'],
  'FDB entry': ['fdb'],
  'UDP port': ['sockets'],
  container: ['containers'],
  flanneld: ['flanneld'],
  option: ['docker', 'flanneld'],
  lease: ['leases'],
  record: ['leases'],
  subnet: ['leases'],
  'public IP': ['leases', 'addresses'],
  'VTEP MAC': ['leases'],
  key: ['config'],
  network: ['config'],
  chain: ['iptables'],
  rule: ['rules', 'iptables'],
  'etcd endpoint': ['etcd'],
  node: ['kubernetes'],
  service: ['kubernetes'],
  file: ['tlsFiles'],
}

/** The raw output of the fact that a source names; undefined where it was not kept. */
function rawOf({ host, section }: Source, { hosts, datastore }: ClusterSnapshot): string | undefined {
  const fact =
    host === ''
      ? (datastore[section as DatastoreFactName] ?? datastore.config)
      : hosts.get(host)?.facts[section as HostFactName]
  return fact?.raw?.()
}

function derived({ expected, observed = 'not present' }: Draft): string {
  return expected === undefined ? observed : `expected ${expected}; found ${observed}`
}

/** The facts that may show a draft's object, best first. */
function factsOf(
  { object, shownBy }: Draft,
  sources: Sources,
  needs: readonly FactName[],
): readonly FactName[] {
  const byKind = isNamed(object) ? SHOWN_BY[object.kind] : []
  const wanted = shownBy ? [shownBy] : byKind
  const known = wanted.filter((name) => sources[name] !== undefined)
  return known.length > 0 ? known : needs.filter((name) => sources[name] !== undefined).slice(0, 1)
}

function shownBy(draft: Draft, source: Source, snapshot: ClusterSnapshot): readonly Evidence[] {
  const whole = rawOf(source, snapshot)
  const raw = whole === undefined ? undefined : blockOf(whole, draft)
  if (raw === undefined) return []
  const parts = literals(draft, raw).flatMap((found) => printedPart(source, found, raw) ?? [])
  return parts.map((part) => ({
    source: { ...source, command: narrowed(source, draft, part) },
    excerpt: part.text,
  }))
}

/** The record of the lease that a missing or wrong entry follows from: the other side of the comparison. */
function leaseRecord({ peer, data }: Draft, { snapshot }: ProofContext): readonly Evidence[] {
  const { leases } = snapshot.datastore
  const subnet = data?.subnet
  const raw = leases.raw?.()
  if (peer === undefined || subnet === undefined || raw === undefined) return []
  const part = partWith(raw, [String(subnet)])
  return part === undefined
    ? []
    : [{ source: leases.from, excerpt: printedPart(leases.from, part, raw)?.text ?? part }]
}

/** Where a check declared no fact of a host, its links are the place to begin. */
function anyLinks({ host }: Draft, { hosts }: ClusterSnapshot): Source | undefined {
  const snapshot = host === undefined ? [...hosts.values()][0] : hosts.get(host)
  return snapshot?.facts.links.from
}

/** The evidence for a draft that names none: the part of a declared fact that shows its object, or both sides. */
export function proof(draft: Draft, sources: Sources, place: ProofContext): readonly Evidence[] {
  // A check of the whole network that found nothing wrong in a fact of its own speaks of a host.
  const isOfHost = draft.host !== undefined && draft.evidence !== undefined
  const candidates = isOfHost
    ? []
    : factsOf(draft, sources, place.needs).flatMap((fact) => sources[fact] ?? [])
  for (const source of candidates) {
    const shown = shownBy(draft, source, place.snapshot)
    if (shown.length > 0) return shown
  }
  const first = candidates[0] ?? anyLinks(draft, place.snapshot)
  if (first === undefined) return []
  const source = { ...first, command: narrowed(first, draft, undefined) }
  return [{ source, excerpt: derived(draft), derived: true }, ...leaseRecord(draft, place)]
}

/** What a proof is looked for in. */
export interface ProofContext {
  readonly snapshot: ClusterSnapshot
  readonly needs: readonly FactName[]
}

/** A rule of nft as `ruleEvidence` names it; nft prints its place and handle side by side. */
const NFT_RULE = /^(\w+) (\S+)\/(\S+) handle (\d+): /

/** The ways in which words of ours may stand in an output: as they are, or without the place in front. */
function readings(excerpt: string): readonly (readonly string[])[] {
  const [, family, table, chain, policy = ''] =
    /^(?:(\w+) )?(\S+)\/([^\s/]+): policy (\w+)$/.exec(excerpt) ?? []
  if (family !== undefined)
    return [
      [
        `"family": "${family}", "table": "${table}", "name": "${chain}",`,
        `"policy": "${policy.toLowerCase()}"`,
      ],
    ]
  if (chain !== undefined) return [[`:${chain} ${policy}`]]
  const byHandle = NFT_RULE.exec(excerpt)?.slice(1)
  if (byHandle !== undefined) {
    const [family, table, name, handle] = byHandle
    const place = `"family": "${family}", "table": "${table}", "chain": "${name}", "handle": ${handle},`
    return [
      [place],
      // A recording may have what a container's nft printed without blanks.
      [place.replaceAll(/([:,]) /g, '$1')],
      [excerpt.slice(excerpt.indexOf(': ') + 2), `# handle ${handle}`],
    ]
  }
  const rest = excerpt.slice(excerpt.indexOf(': ') + 2)
  return [[excerpt], [rest], tokensOf(excerpt)]
}

function verify(one: Evidence, snapshot: ClusterSnapshot): Evidence {
  const raw = rawOf(one.source, snapshot)
  const [, container] = /^([\w.-]+):/.exec(one.excerpt) ?? []
  const command = filled(one.source.command, { data: container ? { container } : {} })
  const source = { ...one.source, command }
  const found = raw && readings(one.excerpt).flatMap((words) => partWith(raw, words) ?? [])[0]
  const part = found === undefined || raw === undefined ? undefined : printedPart(source, found, raw)
  if (!part) return { ...one, source, derived: true }
  return { source: { ...source, command: part.command ?? source.command }, excerpt: part.text }
}

/** Evidence that a check wrote itself, held against the output it speaks of: what is not literally there is derived. */
export function verified(evidence: readonly Evidence[], snapshot: ClusterSnapshot): readonly Evidence[] {
  return evidence.map((one) => verify(one, snapshot))
}
