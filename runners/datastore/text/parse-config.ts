/**
 * PREFIX/config, the operator's JSON, to the configuration flanneld works with. Values that
 * some flannel versions accept and others refuse (an unaligned SubnetMin, a /31) are parsed:
 * checks judge them by version. Only what no version can use is a problem.
 */
import {
  containsAddress,
  formatAddress,
  formatPrefix,
  lastAddress,
  maskPrefix,
  netmask,
  networkAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '../../../checks/model/address.ts'
import { parseIpv6Prefix, printedIpv6Network } from '../../../checks/model/ipv6.ts'
import type { NetworkConfig } from '../../../checks/model/network-config.ts'
import { present } from '../../../checks/model/present.ts'
import { printable } from '../../../reports/layout/printable.ts'
import {
  FieldError,
  flagField,
  type GoObject,
  goObject,
  numberField,
  parseJson,
  textField,
} from './go-json.ts'
import { parseBackend } from './parse-backend.ts'

/** `aside`: flannel can use it, but nothing here is about such a network. */
export type ParsedConfig =
  | { readonly value: NetworkConfig }
  | { readonly problem: string }
  | { readonly aside: string }

/** Fields of flannel `pkg/subnet/config.go`, `Config`. */
const FIELDS = [
  'Network',
  'SubnetLen',
  'SubnetMin',
  'SubnetMax',
  'Backend',
  'EnableIPv4',
  'EnableIPv6',
  'IPv6Network',
  'IPv6SubnetLen',
  'IPv6SubnetMin',
  'IPv6SubnetMax',
  'EnableNFTables',
] as const

/** A lease's key holds the prefix length as a 5-bit number (flannel `pkg/subnet/subnet.go`, `ParseSubnetKey`). */
export const LONGEST_SUBNET = 31

function parseNetwork(object: GoObject): Prefix {
  const text = textField(object, 'Network')
  if (text === undefined) throw new FieldError('Network is missing')
  const network = text.includes('/') ? parsePrefix(text) : undefined
  if (network === undefined) {
    throw new FieldError(`Network must be an IPv4 CIDR such as 10.1.0.0/16, not "${printable(text, 40)}"`)
  }
  return maskPrefix(network)
}

/** Default since v0.10.0: 24 up to a /22, two bits more than the network above it (`CheckNetworkConfig`). */
function parseSubnetLength(object: GoObject, network: Prefix): number {
  const written = numberField(object, 'SubnetLen', 0xffff) ?? 0
  const length = written === 0 ? Math.max(24, network.length + 2) : written
  if (length < network.length) {
    throw new FieldError(`SubnetLen ${length} is shorter than the length of Network ${formatPrefix(network)}`)
  }
  if (length > LONGEST_SUBNET) {
    throw new FieldError(
      written === 0
        ? `Network ${formatPrefix(network)} is too small for subnets`
        : `SubnetLen ${length} is out of range: at most ${LONGEST_SUBNET}`,
    )
  }
  return length
}

/** A subnet bound; 0.0.0.0 counts as absent, as in Go. */
function parseBound(object: GoObject, name: 'SubnetMin' | 'SubnetMax', network: Prefix): number | undefined {
  const text = textField(object, name)
  if (text === undefined) return undefined
  const address = parseAddress(text)
  if (address === undefined) {
    throw new FieldError(`${name} must be an IPv4 address, not "${printable(text, 40)}"`)
  }
  if (address !== 0 && !containsAddress(network, address)) {
    throw new FieldError(`${name} ${formatAddress(address)} is outside Network ${formatPrefix(network)}`)
  }
  return address === 0 ? undefined : address
}

/** From v0.15.0 on `EnableIPv4: false` with an IPv6 network: no IPv4 subnet is leased. */
function isIpv6Only(object: GoObject): boolean {
  return flagField(object, 'EnableIPv4') === false && flagField(object, 'EnableIPv6') === true
}

function requireIpv6Network(object: GoObject): void {
  const text = textField(object, 'IPv6Network')
  const [address = '', length = ''] = text?.split('/') ?? []
  if (
    address.includes(':') &&
    URL.canParse(`http://[${address}]`) &&
    /^\d{1,3}$/.test(length) &&
    Number(length) <= 128
  )
    return
  throw new FieldError(
    text === undefined
      ? 'IPv6Network is missing'
      : `IPv6Network must be an IPv6 CIDR such as fd00:7::/48, not "${printable(text, 40)}"`,
  )
}

function ipv6NetworkOf(object: GoObject): string | undefined {
  const prefix = parseIpv6Prefix(textField(object, 'IPv6Network') ?? '')
  return prefix && printedIpv6Network(prefix)
}

/** What of IPv4 and IPv6 flannel refuses (`CheckNetworkConfig`; `main.go`, which wants one of the two). */
function familyProblem(object: GoObject): string | undefined {
  if (flagField(object, 'EnableIPv6') !== true)
    return flagField(object, 'EnableIPv4') === false ? 'EnableIPv4 and EnableIPv6 are both false' : undefined
  try {
    requireIpv6Network(object)
    return undefined
  } catch (error) {
    if (error instanceof FieldError) return `EnableIPv6 is true and ${error.message}`
    throw error
  }
}

function parseFields(object: GoObject, text: string): NetworkConfig {
  const network = parseNetwork(object)
  const subnetLength = parseSubnetLength(object, network)
  const step = 2 ** (32 - subnetLength)
  const { options, unknown } = parseBackend(object.fields.get('Backend'), object.fields.has('Backend'))
  return {
    network,
    subnetLength,
    // The first subnet is left out, so that its .1 is not the first address of the whole network.
    subnetMin: parseBound(object, 'SubnetMin', network) ?? (networkAddress(network) + step) >>> 0,
    subnetMax:
      parseBound(object, 'SubnetMax', network) ?? (lastAddress(network) & netmask(subnetLength)) >>> 0,
    ...options,
    enableNftables: flagField(object, 'EnableNFTables') ?? false,
    enableIpv6: flagField(object, 'EnableIPv6') ?? false,
    ...present({ familyProblem: familyProblem(object), ipv6Network: ipv6NetworkOf(object) }),
    writtenKeys: [...object.fields.keys()],
    unknownKeys: [...object.unknown, ...unknown],
    text,
  }
}

/** The text of PREFIX/config to a configuration with defaults filled in, or a one-line problem. Throws for nothing but faults of its own. */
export function parseConfig(text: string): ParsedConfig {
  try {
    const object = goObject(parseJson(text), FIELDS, 'the configuration')
    if (!isIpv6Only(object)) return { value: parseFields(object, text) }
    requireIpv6Network(object)
    return { aside: 'the network is IPv6 only (EnableIPv4 is false): its leases and links are not judged' }
  } catch (error) {
    if (error instanceof FieldError) return { problem: error.message }
    throw error
  }
}
