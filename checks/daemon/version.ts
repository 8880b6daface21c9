// Hosts of different versions work together as long as they read the same etcd API and can read each other's
// leases. v0.14.0 to v0.23 decode the VNI of a lease into 16 bits, so that a lease of v0.24.0 and later with a
// VNI above 65535 is lost on them (`pkg/backend/vxlan/vxlan.go`, `vxlanLeaseAttrs`). Some versions lose touch with
// etcd in ways that only a restart mends.
import { defineClusterCheck } from '../define.ts'
import { flanneldFor } from '../expected/flanneld-options.ts'
import { isSince } from '../expected/generation.ts'
import { leasePrefix } from '../expected/observed-host.ts'

/** Largest VNI that fits the 16 bits of v0.14.0 to v0.23. */
const LARGEST_SHORT_VNI = 65_535

interface Defect {
  /** First version with the defect, and the first one without it. */
  readonly since: string
  readonly until: string
  readonly what: string
}

const DEFECTS: readonly Defect[] = [
  {
    since: 'v0.18.0',
    until: 'v0.21.3',
    what: 'it misses leases that arrive together, so that peers are unknown until a restart',
  },
  {
    since: 'v0.21.3',
    until: 'v0.28.6',
    what: 'it does not recover its watch after etcd compacted the history it was reading',
  },
  {
    since: 'v0.28.6',
    until: 'v0.28.9',
    what: 'it does not recover the watch of its own lease after etcd compacted the history it was reading, and goes on with a lease that was taken from it',
  },
]

/** The last version whose sources and behaviour were looked at. */
const LAST_KNOWN = 'v0.28.9'

function isWithin(version: string, since: string, until: string): boolean {
  return isSince(version, since) === true && isSince(version, until) === false
}

function isNewer(version: string): boolean {
  return isSince(version, LAST_KNOWN) === true && isSince(LAST_KNOWN, version) === false
}

export const check = defineClusterCheck({
  id: 'daemon/version',
  title: 'Versions of flanneld',
  backends: 'any',
  needs: ['config', 'flanneld'],
  findings: {
    'known-defect': {
      severity: 'info',
      confidence: 'certain',
      says: 'flanneld {observed} on {host} has a known defect: {what}',
      fix: 'Restart flanneld when peers are missing; upgrade to {expected} or later.',
    },
    'not-known-yet': {
      severity: 'info',
      confidence: 'certain',
      says: 'flanneld {observed} on {host} is newer than all that are known here ({expected}): it is judged as that one',
      fix: 'Nothing, unless a finding contradicts what you see: then compare with the release notes of flannel, and upgrade flannel-doctor.',
    },
    mixed: {
      severity: 'info',
      confidence: 'certain',
      says: 'the hosts run different versions of flanneld: {observed}',
      fix: 'Nothing, as long as all read the same etcd API (v2 up to v0.17.0, v3 later); finish the upgrade.',
    },
    'vni-unreadable': {
      severity: 'warning',
      confidence: 'likely',
      says: 'flanneld {observed} on {host} reads a VNI as 16 bits and cannot read the leases of {others}, which carry VNI {vni}',
      fix: 'Upgrade flanneld on {host} to v0.24.0 or later, or use a VNI of at most 65535.',
      explains: [
        { code: 'lease/peer:*', when: 'same-host' },
        { code: 'route/peer-subnet:*', when: 'same-host' },
        { code: 'neighbour/peer-vtep:*', when: 'same-host' },
        { code: 'fdb/peer-vtep:*', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts: { config }, hosts, cluster: { snapshot } }) {
    const prefix = leasePrefix(snapshot)
    const versions = [...hosts].flatMap(([host, { facts }]) => {
      const version = flanneldFor(facts.flanneld, prefix)?.version
      return version === undefined ? [] : [{ host, version }]
    })
    const object = 'flanneld'
    for (const { host, version } of versions) {
      if (isNewer(version))
        yield { code: 'not-known-yet', host, object, expected: `up to ${LAST_KNOWN}`, observed: version }
      const defect = DEFECTS.find(({ since, until }) => isWithin(version, since, until))
      if (defect === undefined) continue
      const data = { what: defect.what }
      yield { code: 'known-defect', host, object, expected: defect.until, observed: version, data }
    }
    const byVersion = Map.groupBy(versions, ({ version }) => version)
    if (byVersion.size < 2) return
    const named = [...byVersion].map(
      ([version, same]) => `${version} on ${same.map(({ host }) => host).join(', ')}`,
    )
    yield { code: 'mixed', object, observed: named.join('; ') }
    if (config.vni <= LARGEST_SHORT_VNI) return
    const wide = versions
      .filter(({ version }) => isSince(version, 'v0.24.0') === true)
      .map(({ host }) => host)
    if (wide.length === 0) return
    for (const { host, version } of versions.filter((one) => isWithin(one.version, 'v0.14.0', 'v0.24.0'))) {
      const data = { vni: config.vni, others: wide.join(', ') }
      yield { code: 'vni-unreadable', host, object, observed: version, data }
    }
  },
})
