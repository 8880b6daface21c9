/** BackendData, what a backend's peers need of a lease: a value in etcd, a text in an annotation of a node. */
import { parseMac } from '../../../checks/model/address.ts'
import { type Ipv6Prefix, printedIpv6 } from '../../../checks/model/ipv6.ts'
import type { Lease } from '../../../checks/model/lease.ts'
import { present } from '../../../checks/model/present.ts'
import { printable } from '../../../reports/layout/printable.ts'
import { FieldError, goObject, parseJson, textField } from './go-json.ts'

/** BackendData of a vxlan lease. The VNI is for information, so that a strange one does not lose the lease. */
export function parseVtep(value: unknown): Pick<Lease, 'vtepMac' | 'vni'> {
  if (value === undefined) return {}
  const object = goObject(value, ['VtepMAC', 'VNI'], 'BackendData')
  const text = textField(object, 'VtepMAC')
  const vtepMac = text === undefined ? undefined : parseMac(text)
  if (text !== undefined && vtepMac === undefined) {
    throw new FieldError(`VtepMAC "${printable(text, 40)}" is not a MAC address`)
  }
  const vni = object.fields.get('VNI')
  return {
    ...present({ vtepMac }),
    ...(typeof vni === 'number' && Number.isInteger(vni) ? { vni } : {}),
  }
}

/** The second family of a lease; what of it cannot be read is left out, as the first family does without it. */
export function parseIpv6Lease(
  subnet: Ipv6Prefix | undefined,
  { publicIp, type, data }: { readonly publicIp?: unknown; readonly type?: unknown; readonly data?: unknown },
): Pick<Lease, 'ipv6'> {
  if (subnet === undefined) return {}
  const address = typeof publicIp === 'string' ? printedIpv6(publicIp) : undefined
  return { ipv6: { subnet, ...present({ publicIp: address, vtepMac: ipv6VtepMac(type, data) }) } }
}

/** VtepMAC of BackendV6Data; undefined where another backend wrote it or it is none. */
function ipv6VtepMac(type: unknown, data: unknown): string | undefined {
  try {
    return type === 'vxlan' && data != null ? parseVtep(data).vtepMac : undefined
  } catch (error) {
    if (error instanceof FieldError) return undefined
    throw error
  }
}

/** The text that a node has in place of BackendData. Throws FieldError with the reason. */
export function parseBackendData(
  type: string | undefined,
  text: string | undefined,
): Pick<Lease, 'vtepMac' | 'vni'> {
  if (type !== 'vxlan' || text === undefined) return {}
  const data = parseJson(text)
  return data === null ? {} : parseVtep(data)
}
