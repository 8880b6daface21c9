/**
 * The underlay link flanneld uses. flanneld takes `-iface`, then `-iface-regex` (addresses
 * before names), then `-iface-can-reach`, then the owner of `-public-ip`, then the default
 * route's link (flannel `main.go` and `pkg/ipmatch/match.go`, `LookupExtIface`). What was
 * left behind tells the same where the command line is unknown or no longer fits.
 */
import { parseAddress } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import { present } from '../model/present.ts'
import type { ExpectedHost } from './expected.ts'
import type { FlanneldOptions } from './flanneld-options.ts'
import { type ObservedHost, underlayAddresses } from './observed-host.ts'
import { defaultRoute, routeLookup } from './route-lookup.ts'

export type ExternalLink = NonNullable<ExpectedHost['externalLink']>

/** A link, and the address that named it where one did. */
interface Choice {
  readonly name: string
  readonly address?: number
}

/** Most repetitions in a pattern that is tried; a command line is not to be trusted with backtracking. */
const MAX_REPETITIONS = 6

/** The external link; `publicIp` is that of the host's own lease, where it is known. */
export function externalLink(
  host: ObservedHost,
  config: NetworkConfig,
  publicIp?: number,
): ExternalLink | undefined {
  const choice =
    chosenByOptions(host, config) ??
    ownerOf(publicIp, host, config) ??
    vxlanUnderlay(host, config) ??
    named(host.routes && defaultRoute(host.routes)?.link)
  const link = host.links.find(({ name }) => name === choice?.name)
  if (!choice || !link) return undefined
  const address = choice.address ?? addressOn(link.name, host, publicIp)
  return { name: link.name, mtu: link.mtu, ...present({ address }) }
}

/** The link that the command line names; undefined when it names none or none fits. */
export function chosenByOptions(host: ObservedHost, config: NetworkConfig): Choice | undefined {
  const { options } = host
  if (!options) return undefined
  const addresses = underlayAddresses(host, config)
  const told = options.iface.flatMap((iface) => byIface(iface, host, addresses) ?? [])
  // flanneld goes on to the next where one has no IPv4 address.
  const choice = told.find(({ name }) => addresses.some(({ link }) => link === name)) ?? told[0]
  if (choice) return choice
  for (const pattern of options.ifaceRegex) {
    const choice = byPattern(pattern, host, addresses)
    if (choice) return choice
  }
  return byReach(options, host) ?? ownerOf(parsed(options.publicIp), host, config)
}

function byIface(iface: string, host: ObservedHost, addresses: readonly LinkAddress[]): Choice | undefined {
  const address = parseAddress(iface)
  if (address === undefined)
    return host.links.some(({ name }) => name === iface) ? { name: iface } : undefined
  const owner = addresses.find(({ prefix }) => prefix?.address === address)
  return owner && { name: owner.link, address }
}

/** Go's syntax is taken for JavaScript's: they agree on what such patterns use. */
function byPattern(
  pattern: string,
  host: ObservedHost,
  addresses: readonly LinkAddress[],
): Choice | undefined {
  const regex = compile(pattern)
  if (!regex) return undefined
  const owner = addresses.find(({ address }) => regex.test(address))
  if (owner?.prefix) return { name: owner.link, address: owner.prefix.address }
  return named(host.links.find(({ name }) => regex.test(name))?.name)
}

function compile(pattern: string): RegExp | undefined {
  const repetitions = pattern.match(/[*+{]/g)?.length ?? 0
  if (repetitions > MAX_REPETITIONS || /\)[*+{]/.test(pattern)) return undefined
  try {
    return new RegExp(pattern)
  } catch {
    return undefined
  }
}

function byReach(options: FlanneldOptions, host: ObservedHost): Choice | undefined {
  const target = parsed(options.ifaceCanReach)
  if (target === undefined || !host.routes) return undefined
  return named(routeLookup(host.routes)(target)?.link)
}

function ownerOf(address: number | undefined, host: ObservedHost, config: NetworkConfig): Choice | undefined {
  if (address === undefined) return undefined
  const owner = underlayAddresses(host, config).find(({ prefix }) => prefix?.address === address)
  return owner && { name: owner.link, address }
}

function vxlanUnderlay(host: ObservedHost, config: NetworkConfig): Choice | undefined {
  if (config.backend !== 'vxlan') return undefined
  return named(host.links.find(({ vxlan }) => vxlan?.vni === config.vni && vxlan.underlay)?.vxlan?.underlay)
}

/** The public IP where the link has it, else its first global IPv4 address, as flannel takes. */
function addressOn(name: string, host: ObservedHost, publicIp: number | undefined): number | undefined {
  const own = host.addresses.filter(
    ({ link, prefix, scope }) => link === name && prefix && scope === 'global',
  )
  const exact = own.find(({ prefix }) => prefix?.address === publicIp)
  return (exact ?? own[0])?.prefix?.address
}

function named(name: string | undefined): Choice | undefined {
  return name === undefined ? undefined : { name }
}

function parsed(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseAddress(text)
}
