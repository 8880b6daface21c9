// flanneld reads PREFIX/config once, at start (`pkg/subnet/config.go`, `ParseConfig` and
// `CheckNetworkConfig`). Keys it does not know are dropped without a word. Since v0.10.0 a SubnetLen
// without room for four subnets, above /30, or bounds off its boundary are refused, and flanneld
// retries every second for ever; older versions hand out broken subnets instead.
import { defineClusterCheck } from '../define.ts'
import { isSince } from '../expected/generation.ts'
import { formatAddress, formatPrefix, maskPrefix, type Prefix } from '../model/address.ts'
import type { NetworkConfig } from '../model/network-config.ts'

/** Backends of cloud providers, which have no expected state here but are flannel's own (`pkg/backend`). */
const CLOUD_BACKENDS = new Set(['aws-vpc', 'gce', 'ali-vpc', 'alivpc', 'tencent-vpc'])
/** Longest subnet since v0.10.0 (`CheckNetworkConfig`: SubnetLen must be less than /31). */
const LONGEST_SUBNET = 30
/** Bits between network and subnet since v0.10.0: at least four subnets. */
const LEAST_SUBNET_BITS = 2

/** Parts of the names of flannel's own options (`pkg/subnet/config.go`, the backends' own structs). */
const OPTION_WORDS = /net|sub|len|min|max|back|type|vni|port|mtu|gbp|rout|learn|ipv|nft|psk|mode|mac/i

function isTooSmall({ network, subnetLength }: NetworkConfig): boolean {
  return subnetLength > LONGEST_SUBNET || subnetLength - network.length < LEAST_SUBNET_BITS
}

function bounds(config: NetworkConfig): readonly (readonly [name: string, bound: Prefix])[] {
  return [
    ['SubnetMin', { address: config.subnetMin, length: config.subnetLength }],
    ['SubnetMax', { address: config.subnetMax, length: config.subnetLength }],
  ]
}

function isUnaligned(bound: Prefix): boolean {
  return maskPrefix(bound).address !== bound.address
}

function isUnknownBackend({ backend, backendType }: NetworkConfig): boolean {
  const unknown: NetworkConfig['backend'] = 'unknown'
  return [backend].includes(unknown) && !CLOUD_BACKENDS.has(backendType.toLowerCase())
}

/** A configuration that flanneld refuses leaves hosts as they were, or without anything. */
const REFUSED = [
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
      says: 'Network {network} with SubnetLen {observed} is refused: flannel wants at least four subnets and none smaller than /30',
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
      says: 'SubnetMin {min} lies above SubnetMax {observed}: flannel is out of subnets from the start',
      fix: 'Swap or correct SubnetMin and SubnetMax, then restart every flanneld.',
      explains: REFUSED,
    },
    'backend-unknown': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'Backend.Type is "{observed}", which no flannel knows',
      fix: 'Set Backend.Type to vxlan, host-gw, udp, ipip or wireguard and restart every flanneld.',
      explains: REFUSED,
    },
  },
  *evaluate({ facts: { config }, hosts }) {
    const object = 'configuration'
    for (const key of config.unknownKeys) {
      const code = OPTION_WORDS.test(key) ? 'unknown-key' : 'foreign-key'
      yield { code, object: `key ${key}`, data: { key } }
    }
    if (isUnknownBackend(config)) yield { code: 'backend-unknown', object, observed: config.backendType }
    if (config.subnetMin > config.subnetMax && !isTooSmall(config)) {
      const observed = formatAddress(config.subnetMax)
      yield { code: 'range-empty', object, observed, data: { min: formatAddress(config.subnetMin) } }
    }
    if (isTooSmall(config)) {
      const versions = [...hosts.values()].flatMap(({ facts }) => facts.flanneld.processes)
      const refuses = versions.map(({ version }) => isSince(version, 'v0.10.0'))
      const data = { network: formatPrefix(config.network) }
      if (refuses.includes(true)) {
        yield { code: 'network-too-small', object, observed: `${config.subnetLength}`, data }
      } else if (!refuses.includes(false)) {
        yield {
          unsure: `SubnetLen ${config.subnetLength} is refused by flannel v0.10.0 and later; no version is known`,
        }
      }
    }
    for (const [name, bound] of bounds(config).filter(([, one]) => isUnaligned(one))) {
      const expected = formatAddress(maskPrefix(bound).address)
      const observed = formatAddress(bound.address)
      yield { code: 'range-unaligned', object: name, expected, observed, data: { length: bound.length } }
    }
  },
})
