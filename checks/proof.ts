/**
 * The command that shows a finding when its check names no evidence of its own: chosen by
 * the kind of object the finding is about, narrowed to that object where the tool can.
 */
import type { Draft, Evidence } from './check.ts'
import type { FactName, Source } from './model/snapshot.ts'

type Sources = Readonly<Partial<Record<FactName, Source>>>

/** First word of an object to the facts that show it, best first. */
const SHOWN_BY: Readonly<Record<string, readonly FactName[]>> = {
  sysctl: ['sysctls'],
  link: ['links', 'addresses', 'docker'],
  external: ['links'],
  address: ['addresses'],
  route: ['routes'],
  neighbour: ['neighbours'],
  FDB: ['fdb'],
  UDP: ['sockets'],
  container: ['containers'],
  FLANNEL_SUBNET: ['subnetEnv'],
  'subnet.env': ['subnetEnv'],
  flanneld: ['flanneld'],
  '-etcd-prefix': ['flanneld'],
  option: ['docker', 'flanneld'],
  lease: ['leases'],
  leases: ['leases'],
  record: ['leases'],
  subnet: ['leases'],
  public: ['leases', 'addresses'],
  VTEP: ['leases'],
  key: ['config'],
  chain: ['iptables'],
}

/** Narrower commands, by fact; the word is the object's name. */
const NARROWED: Readonly<Partial<Record<FactName, (name: string) => string>>> = {
  sysctls: (name) => `sysctl ${name}`,
  links: (name) => `ip -d link show ${name}`,
  addresses: (name) => `ip addr show ${name}`,
}

const PLAIN_WORD = /^[\w./:@+-]+$/

function narrowed(source: Source, fact: FactName, object: readonly string[]): Source {
  const [kind, name = ''] = object
  const isAboutLink = kind === 'link' && (fact === 'links' || fact === 'addresses')
  const isSetting = kind === 'sysctl' && fact === 'sysctls'
  const narrow = NARROWED[fact]
  if (narrow === undefined || !(isAboutLink || isSetting) || !PLAIN_WORD.test(name)) return source
  return { ...source, command: narrow(name) }
}

/** The evidence for a draft that names none: the declared fact that shows its object. */
export function proof(draft: Draft, sources: Sources, needs: readonly FactName[]): Evidence[] {
  const object = (draft.object ?? '').split(' ')
  const candidates = [
    ...(draft.shownBy ? [draft.shownBy] : []),
    ...(SHOWN_BY[object[0] ?? ''] ?? []),
    ...needs,
  ]
  const fact = candidates.find((name) => sources[name] !== undefined)
  const source = fact && sources[fact]
  if (!fact || !source) return []
  return [{ source: narrowed(source, fact, object), excerpt: draft.observed ?? 'not present' }]
}
