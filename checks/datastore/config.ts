// flanneld reads PREFIX/config once, at start (`pkg/subnet/config.go`, `ParseConfig` and
// `CheckNetworkConfig`). Keys it does not know are dropped without a word. Since v0.10.0 a SubnetLen
// without room for four subnets, above /30, or bounds off its boundary are refused, and flanneld
// retries every second forever; older versions hand out broken subnets instead.

import { defineClusterCheck } from '../define.ts'
import { isSince } from '../expected/generation.ts'
import { configEdit, formerSizes, formerType } from '../heal/config-edit.ts'
import { formatAddress, formatPrefix, maskPrefix, type Prefix } from '../model/address.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { familyRefused, unknownKeys } from './config-options.ts'

/** Backends of cloud providers, which have no expected state here but are flannel's own (`pkg/backend`). */
const CLOUD_BACKENDS = new Set(['aws-vpc', 'gce', 'ali-vpc', 'alivpc', 'tencent-vpc'])
/** Longest subnet since v0.10.0 (`CheckNetworkConfig`: SubnetLen must be less than /31). */
const LONGEST_SUBNET = 30
/** Bits between network and subnet since v0.10.0: at least four subnets. */
const LEAST_SUBNET_BITS = 2

function isTooSmall({ network, subnetLength }: NetworkConfig): boolean {
  return subnetLength > LONGEST_SUBNET || subnetLength - network.length < LEAST_SUBNET_BITS
}

function bounds(config: NetworkConfig): readonly (readonly [name: string, bound: Prefix])[] {
  return [
    ['SubnetMin', { address: config.subnetMin, length: config.subnetLength }],
    ['SubnetMax', { address: config.subnetMax, length: config.subnetLength }],
  ]
}

/** Whether the operator wrote the option; where that is not known it is taken as written. */
function isWritten({ writtenKeys }: NetworkConfig, name: string): boolean {
  return writtenKeys?.includes(name) ?? true
}

/** The bound in the operator's terms: one that was left out is a subnet of Network. */
function boundName(config: NetworkConfig, name: 'SubnetMin' | 'SubnetMax'): string {
  if (isWritten(config, name)) return name
  return name === 'SubnetMin' ? 'the first subnet of Network,' : 'the last subnet of Network,'
}

function isUnaligned(bound: Prefix): boolean {
  return maskPrefix(bound).address !== bound.address
}

/** Refused since v0.10.0; without a version it is not known. Undefined where the versions at work take it. */
function* tooSmall(
  config: NetworkConfig,
  versions: readonly (string | undefined)[],
  snapshot: ClusterSnapshot,
) {
  const refuses = versions.map((version) => isSince(version, 'v0.10.0'))
  const length = config.subnetLength
  if (refuses.includes(true)) {
    const what = isWritten(config, 'SubnetLen') ? 'SubnetLen' : 'the default SubnetLen'
    const data = { network: formatPrefix(config.network), what }
    const { heal, data: edit } = formerSizes(snapshot)
    const place = { object: 'configuration', observed: `${length}`, heal }
    yield { code: 'network-too-small' as const, ...place, data: { ...data, ...edit } }
  } else if (!refuses.includes(false)) {
    yield { unsure: `SubnetLen ${length} is refused by flannel v0.10.0 and later; no version is known` }
  }
}

function isUnknownBackend({ backend, backendType }: NetworkConfig): boolean {
  const unknown: NetworkConfig['backend'] = 'unknown'
  return [backend].includes(unknown) && !CLOUD_BACKENDS.has(backendType.toLowerCase())
}

/** A configuration that flanneld refuses leaves hosts as they were, or without anything. */
const REFUSED = [
  'daemon/log:config-refused',
  'daemon/log:backend-refused',
  'daemon/log:out-of-subnets',
  'daemon/process:not-running',
  'lease/own:missing',
  'lease/subnet:*',
  'subnet-env/file:missing',
  'subnet-env/network:differs-from-config',
  'netfilter/masquerade:*',
  'netfilter/flannel-forward-rules:missing',
].map((code) => ({ code, when: 'anywhere' }) as const)

export const check = defineClusterCheck({
  id: 'datastore/config',
  title: 'Network configuration',
  backends: 'any',
  needs: ['config', 'flanneld'],
  findings: {
    'unknown-key': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the configuration has the key {key}, which looks like an option but is none: flannel ignores it without a word',
      fix: 'Correct the name or its place (backend options belong inside Backend), write the configuration again and restart every flanneld.',
    },
    'foreign-key': {
      severity: 'info',
      confidence: 'certain',
      says: 'the configuration has the key {key}, which is no option of flannel and is ignored',
      fix: 'Nothing, if it is a note for people; otherwise look the option up.',
    },
    'network-too-small': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'network {network} with {what} {observed} is refused: flannel wants at least four subnets and none smaller than /30',
      fix: 'Choose a larger Network or a SubnetLen of at least two bits more than its length and at most 30, then restart every flanneld.',
      explains: REFUSED,
    },
    'range-unaligned': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: '{object} {observed} is not on a boundary of SubnetLen {length}: flannel v0.10.0 and later refuses it, older ones lease broken subnets',
      fix: 'Set {object} to {expected} and restart every flanneld.',
      explains: REFUSED,
    },
    'range-empty': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: '{lower} {min} lies above {upper} {observed}: flannel is out of subnets from the start',
      fix: 'Correct SubnetMin and SubnetMax (the first may not lie above the second), then restart every flanneld.',
      explains: REFUSED,
    },
    'family-refused': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'the configuration is refused by flannel v0.15.0 and later: {observed}',
      fix: 'Give IPv6Network a network such as fd00:7::/48, or leave EnableIPv6 out (and EnableIPv4, which is true unless it is written); then restart every flanneld.',
      explains: REFUSED,
    },
    'backend-unknown': {
      severity: 'critical',
      effect: 'risk',
      hostsKeepFormer: true,
      confidence: 'certain',
      says: 'Backend.Type is "{observed}", which no flannel knows',
      fix: 'Set Backend.Type to vxlan, host-gw, udp, ipip or wireguard and restart every flanneld.',
      explains: REFUSED,
    },
  },
  *evaluate({ facts: { config }, hosts, cluster: { snapshot } }) {
    const object = 'configuration'
    yield* unknownKeys(config, snapshot)
    if (isUnknownBackend(config))
      yield { code: 'backend-unknown', object, observed: config.backendType, ...formerType(snapshot) }
    // Kubernetes gives nodes their subnets, whatever length and bounds stand here.
    if (snapshot.datastore.kubernetes.known) return
    // Bounds that nobody wrote follow from Network and SubnetLen: what is wrong with them is said of these.
    const written = bounds(config).filter(([name]) => isWritten(config, name))
    if (config.subnetMin > config.subnetMax && written.length > 0) {
      const observed = formatAddress(config.subnetMax)
      const [lower, upper] = [boundName(config, 'SubnetMin'), boundName(config, 'SubnetMax')]
      const min = formatAddress(config.subnetMin)
      const { heal, data: edit } = configEdit(
        snapshot,
        { top: { SubnetMin: observed, SubnetMax: min } },
        'SubnetMin and SubnetMax change places',
      )
      yield {
        code: 'range-empty',
        object,
        observed,
        heal,
        data: { ...edit, min, lower, upper },
      }
    }
    const versions = [...hosts.values()].flatMap(({ facts }) =>
      facts.flanneld.processes.map(({ version }) => version),
    )
    yield* familyRefused(config, versions, snapshot)
    if (isTooSmall(config)) yield* tooSmall(config, versions, snapshot)
    for (const [name, bound] of written.filter(([, one]) => isUnaligned(one))) {
      const expected = formatAddress(maskPrefix(bound).address)
      const observed = formatAddress(bound.address)
      const { heal, data: edit } = configEdit(
        snapshot,
        { top: { [name]: expected } },
        `${name} is on a boundary`,
      )
      yield {
        code: 'range-unaligned',
        object: name,
        expected,
        observed,
        heal,
        data: { ...edit, length: bound.length },
      }
    }
  },
})
