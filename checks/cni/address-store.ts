// host-local keeps a file per address below /var/lib/cni/networks and never looks whether its container lives
// (containernetworking/plugins `plugins/ipam/host-local`). A node that lost power, or a runtime whose state was deleted,
// leaves files that nobody removes; when the podCIDR is used up, new pods fail with "no IP addresses available in range set".
import { defineHostCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { type PodAddress, podsOfNode } from '../expected/pods-of-node.ts'
import { containsAddress, formatPrefix, type Prefix, parseAddress } from '../model/address.ts'
import { type Cni, type CniReservation, chosenConfig, flannelPlugin } from '../model/cni.ts'
import type { Pod } from '../model/node.ts'

/** Network, bridge and broadcast address are never handed out. */
const KEPT = 3
/** Share of a podCIDR that dead reservations may have. */
const TOLERATED = 0.25

/** Reservations in flannel's network with an address of the podCIDR. */
function ofFlannel({ files, reservations }: Cni, subnet: Prefix): readonly CniReservation[] {
  const flannels = files.filter(({ plugins }) => plugins.some(({ type }) => type === 'flannel'))
  const networks = new Set(flannels.map(({ network }) => network))
  return reservations.filter(({ network, address }) => {
    const parsed = parseAddress(address)
    return networks.has(network) && parsed !== undefined && containsAddress(subnet, parsed)
  })
}

function networkOf([first]: readonly CniReservation[]): string {
  return first?.network ?? ''
}

/** Addresses that pods can have. */
function capacityOf({ length }: Prefix): number {
  return Math.max(1, 2 ** (32 - length) - KEPT)
}

function leak(own: readonly CniReservation[], dead: readonly CniReservation[]) {
  const [first] = dead
  const data = { network: networkOf(dead), all: own.length, example: first?.address ?? '' }
  return { observed: String(dead.length), data }
}

/** Reservations that no pod of the node has; undefined where pods are not known. */
function deadOf(
  reservations: readonly CniReservation[],
  pods: readonly Pod[] | undefined,
): readonly CniReservation[] | undefined {
  if (pods === undefined) return undefined
  const living = new Set(pods.flatMap(({ ips }) => ips))
  return reservations.filter(({ address }) => !living.has(address))
}

/**
 * Addresses of pods that host-local would hand out again. Where the books of CNI are kept elsewhere nothing is known of
 * any pod here, and where the delegate has another ipam, nothing of these.
 */
function* forgotten(cni: Cni, own: readonly CniReservation[], pods: readonly PodAddress[]) {
  const isElsewhere = cni.delegates.length === 0 && cni.results.length === 0
  const plugin = flannelPlugin(cni)
  if (isElsewhere || plugin === undefined || plugin.delegate?.ipam !== undefined) return
  const kept = new Set(own.map(({ address }) => address))
  const lost = pods.flatMap(({ name, address }) => (kept.has(address) ? [] : [`${address} (${name})`]))
  if (lost.length === 0) return
  const network = chosenConfig(cni)?.network ?? ''
  const object = `/var/lib/cni/networks/${network}`
  yield { code: 'forgotten', object, observed: lost.join(', '), shownBy: 'cni', data: { network } } as const
}

/** Where most addresses are reserved, or too many for nobody. */
function* usedUp(
  own: readonly CniReservation[],
  subnet: Prefix,
  dead: readonly CniReservation[] | undefined,
) {
  const most = capacityOf(subnet)
  const network = networkOf(own)
  const place = {
    object: `/var/lib/cni/networks/${network}`,
    expected: formatPrefix(subnet),
    shownBy: 'cni',
  } as const
  if (own.length >= most) {
    const words = dead && `, ${dead.length} of them by no pod`
    const data = { network, dead: words ?? '' }
    yield { code: 'full', ...place, observed: `${own.length} of ${most}`, data } as const
  } else if ((dead ?? own).length > most * TOLERATED) {
    if (dead === undefined)
      yield { unsure: 'whether pods have the addresses is not known: pods could not be listed' }
    else yield { code: 'leaking', ...place, ...leak(own, dead) } as const
  }
}

export const check = defineHostCheck({
  id: 'cni/address-store',
  title: 'Addresses that host-local keeps',
  backends: 'any',
  needs: ['kubernetes', 'cni'],
  needsExpected: false,
  findings: {
    full: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'every address of podCIDR {expected} is reserved on {host} ({observed}{dead}): no pod can start there',
      fix: 'Remove the files of addresses that no pod has from /var/lib/cni/networks/{network} while no pod is being made; give nodes a larger podCIDR where all are in use.',
    },
    forgotten: {
      severity: 'warning',
      confidence: 'likely',
      says: 'host-local of {host} does not keep {observed}, which pods have: the next pod may get the same address',
      fix: 'Delete those pods, so that the ones made in their place are kept again; look for what emptied /var/lib/cni/networks/{network} under running pods.',
    },
    leaking: {
      severity: 'warning',
      confidence: 'likely',
      says: '{observed} of {all} addresses that host-local keeps on {host} belong to no pod: when the podCIDR {expected} is used up no pod can start',
      fix: 'Remove their files from /var/lib/cni/networks/{network} (for example {example}) while no pod is being made, and see why pods were not taken down in order.',
    },
  },
  *evaluate({ host, facts: { cni, kubernetes }, cluster: { snapshot } }) {
    const node = clusterIdentity(snapshot).nodeByHost.get(host)
    const subnet = node?.podCidr
    if (node === undefined || subnet === undefined)
      return yield { unsure: 'the podCIDR of this host is not known' }
    const own = ofFlannel(cni, subnet)
    yield* forgotten(cni, own, podsOfNode(kubernetes, node))
    yield* usedUp(own, subnet, deadOf(own, kubernetes.pods))
  },
})
