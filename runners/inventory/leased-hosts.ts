/**
 * Hosts out of the leases: `fromLeases: ssh://core@{publicIp}` is one host per public IP. What stands in etcd is anybody's who
 * may write there, so that nothing but an address of a host becomes a word of a command line.
 */
import { formatAddress } from '../../checks/model/address.ts'
import type { Lease } from '../../checks/model/lease.ts'
import { present } from '../../checks/model/present.ts'
import { printable } from '../../reports/layout/printable.ts'
import { parseHostUrl } from '../hosts/host-url.ts'
import { InputError } from '../input-error.ts'
import type { HostTarget, Inventory } from './inventory.ts'

const PLACE = '{publicIp}'
export const LEASED_URL_FORM = `ssh://[user@]${PLACE}[:port]`

/** How the host of a lease is reached. */
export interface LeasedHosts {
  /** A host URL with `{publicIp}` for the address. */
  readonly url: string
  readonly sshConfig?: string
}

/** What is wrong with such a URL; undefined when nothing is. */
export function leasedUrlProblem(url: string): string | undefined {
  const [before = '', after, ...more] = url.split(PLACE)
  const isPlain = /^ssh:\/\/([^@]*@)?$/.test(before) && /^(:\d+)?$/.test(after ?? '-')
  if (!isPlain || more.length > 0) return LEASED_URL_FORM
  try {
    return parseHostUrl(`${before}192.0.2.1${after}`).kind === 'ssh' ? undefined : LEASED_URL_FORM
  } catch (error) {
    if (error instanceof InputError) return LEASED_URL_FORM
    throw error
  }
}

/** What the flag says, else the inventory; hosts that are typed stand in place of those of an inventory. Throws InputError. */
export function leasedHosts(
  { host = [], fromLeases: url }: { readonly host?: readonly string[]; readonly fromLeases?: string },
  file: Inventory | undefined,
): LeasedHosts | undefined {
  if (url === undefined) return host.length > 0 ? undefined : file?.fromLeases
  const expected = leasedUrlProblem(url)
  if (expected !== undefined)
    throw new InputError(`--from-leases: expected ${expected}, got "${printable(url, 80)}"`)
  return { url, ...present({ sshConfig: file && sshConfigOf(file) }) }
}

/** The one that every ssh host of an inventory has. */
export function sshConfigOf({
  fromLeases,
  hosts,
}: Pick<Inventory, 'fromLeases' | 'hosts'>): string | undefined {
  return [fromLeases, ...hosts].find((one) => one?.sshConfig !== undefined)?.sshConfig
}

/** Networks 0, 127 and all from 224 on (RFC 6890): this machine, everybody, nobody. */
function isOfHost(address: number): boolean {
  const first = address >>> 24
  return first !== 0 && first !== 127 && first < 224
}

/** The address in the URL of a host that was named beside the leases. Throws InputError where there is none to compare by. */
function addressOf({ via }: HostTarget): string {
  const url = parseHostUrl(via)
  if (url.kind === 'ssh' && /^\d+(\.\d+){3}$/.test(url.address)) return url.address
  throw new InputError(
    `beside --from-leases a host is named by the public IP of its lease, ssh://192.0.2.1; got "${printable(via, 80)}"`,
  )
}

/** An inventory with the hosts of these leases behind those it names, and the public IPs that are no address of a host. */
export function withLeasedHosts(
  { fromLeases, ...inventory }: Inventory,
  leases: readonly Lease[],
): { readonly inventory: Inventory; readonly refused: readonly string[] } {
  if (fromLeases === undefined) return { inventory, refused: [] }
  const named = new Set(inventory.hosts.map(addressOf))
  const byAddress = new Map(leases.map((lease) => [lease.publicIp, lease]))
  // As people count them, whatever order their subnets have.
  const leased = [...byAddress.values()]
    .filter(({ publicIp }) => isOfHost(publicIp))
    .toSorted((one, other) => one.publicIp - other.publicIp)
  const hosts = leased.flatMap(({ publicIp, node }): readonly HostTarget[] => {
    const address = formatAddress(publicIp)
    if (named.has(address)) return []
    const via = fromLeases.url.replace(PLACE, address)
    return [{ name: node ?? address, via, ...present({ sshConfig: fromLeases.sshConfig }) }]
  })
  return {
    inventory: { ...inventory, hosts: [...inventory.hosts, ...hosts], complete: true },
    refused: [...byAddress.keys()].filter((address) => !isOfHost(address)).map(formatAddress),
  }
}
