/**
 * The entries below PREFIX/subnets to leases. Anyone can write there: a key or value that
 * flanneld would skip becomes an unreadable lease with its reason.
 */
import { type Prefix, parseAddress } from '../../checks/model/address.ts'
import { type Ipv6Prefix, parseIpv6Prefix } from '../../checks/model/ipv6.ts'
import type { Lease, LeaseTable, UnreadableLease } from '../../checks/model/lease.ts'
import { present } from '../../checks/model/present.ts'
import { printable } from '../../reports/layout/printable.ts'
import type { EtcdEntry } from './reading.ts'
import { parseIpv6Lease, parseVtep } from './text/backend-data.ts'
import { FieldError, goObject, parseJson, textField } from './text/go-json.ts'
import { LONGEST_SUBNET } from './text/parse-config.ts'

/** flannel `pkg/subnet/subnet.go`, `subnetRegex`: only the end of the key counts; `&` starts the IPv6 part. */
const SUBNET_KEY = /(\d+\.\d+\.\d+\.\d+)-(\d+)(?:&(?<ipv6>[a-f\d:]+)-(?<bits>\d+))?$/

/** The subnet in a lease's key, host bits kept. Throws FieldError with the reason. */
function parseSubnetKey(key: string): Prefix {
  const [, host, bits] = SUBNET_KEY.exec(key) ?? []
  if (host === undefined) throw new FieldError('the key is not of the form A.B.C.D-LENGTH')
  const address = parseAddress(host)
  if (address === undefined) throw new FieldError(`the key holds ${host}, which is not an IPv4 address`)
  const length = Number(bits)
  if (length > LONGEST_SUBNET) {
    throw new FieldError(
      `the key ends in prefix length ${printable(bits ?? '', 10)}; flannel reads 0 to ${LONGEST_SUBNET}`,
    )
  }
  return { address, length }
}

/** The IPv6 part of a key; undefined where it has none that can be read. */
function ipv6SubnetOf(key: string): Ipv6Prefix | undefined {
  const { ipv6, bits } = SUBNET_KEY.exec(key)?.groups ?? {}
  return ipv6 === undefined ? undefined : parseIpv6Prefix(`${ipv6}/${bits}`)
}

type LeaseAttributes = Pick<Lease, 'publicIp' | 'backendType' | 'vtepMac' | 'vni' | 'ipv6'>

function parsePublicIp(text: string | undefined): number {
  if (text === undefined) throw new FieldError('the value has no PublicIP')
  const address = parseAddress(text)
  if (address === undefined) {
    throw new FieldError(`PublicIP "${printable(text, 40)}" is not an IPv4 address`)
  }
  return address
}

const FIELDS = ['PublicIP', 'PublicIPv6', 'BackendType', 'BackendData', 'BackendV6Data'] as const

/** A lease's value (flannel `pkg/lease/lease.go`, `LeaseAttrs`). Throws FieldError with the reason. */
function parseLeaseValue(text: string, ipv6Subnet: Ipv6Prefix | undefined): LeaseAttributes {
  const object = goObject(parseJson(text), FIELDS, 'the value')
  const type = textField(object, 'BackendType')
  return {
    publicIp: parsePublicIp(textField(object, 'PublicIP')),
    ...(type === undefined || type === '' ? {} : { backendType: printable(type, 40) }),
    ...(type === 'vxlan' ? parseVtep(object.fields.get('BackendData')) : {}),
    ...parseIpv6Lease(ipv6Subnet, {
      publicIp: object.fields.get('PublicIPv6'),
      type,
      data: object.fields.get('BackendV6Data'),
    }),
  }
}

function attempt<T>(parse: () => T): T | FieldError {
  try {
    return parse()
  } catch (error) {
    if (error instanceof FieldError) return error
    throw error
  }
}

function parseEntry(entry: EtcdEntry): Lease | UnreadableLease {
  const key = printable(entry.key)
  const subnet = attempt(() => parseSubnetKey(entry.key))
  if (subnet instanceof FieldError) return { key, problem: subnet.message }
  const attributes = attempt(() => parseLeaseValue(entry.value, ipv6SubnetOf(entry.key)))
  if (attributes instanceof FieldError) return { key, subnet, problem: attributes.message }
  return {
    key,
    subnet,
    ...attributes,
    ...present({ ttlSeconds: entry.ttlSeconds, etcdLeaseId: entry.leaseId }),
    revision: entry.revision,
  }
}

/**
 * Entries below PREFIX/subnets to the lease table, in the order of the entries. Never throws.
 * A lease with `etcdLeaseId` and no `ttlSeconds` expires, but when is not known.
 */
export function parseLeases(entries: readonly EtcdEntry[]): LeaseTable {
  const leases: Lease[] = []
  const unreadable: UnreadableLease[] = []
  for (const entry of entries) {
    const parsed = parseEntry(entry)
    if ('problem' in parsed) unreadable.push(parsed)
    else leases.push(parsed)
  }
  return { leases, unreadable }
}
