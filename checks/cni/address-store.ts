// host-local keeps a file per address below /var/lib/cni/networks and never looks whether its container lives
// (containernetworking/plugins `plugins/ipam/host-local`). A node that lost power, or a runtime whose state was deleted,
// leaves files that nobody removes; when the podCIDR is used up, new pods fail with "no IP addresses available in range set".
import { defineHostCheck } from '../define.ts'
import { clusterIdentity } from '../expected/cluster-identity.ts'
import { containsAddress, formatPrefix, parseAddress } from '../model/address.ts'
import type { Cni, CniReservation } from '../model/cni.ts'
import type { Pod } from '../model/node.ts'

/** Network, bridge and broadcast address are never handed out. */
const KEPT = 3
/** Share of a podCIDR that dead reservations may have. */
const TOLERATED = 0.25

function ofFlannel({ files, reservations }: Cni): readonly CniReservation[] {
  const own = new Set(
    files.flatMap(({ network, plugins }) =>
      plugins.some(({ type }) => type === 'flannel') ? [network] : [],
    ),
  )
  return reservations.filter(({ network }) => own.has(network))
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
    const own = ofFlannel(cni).filter(({ address }) => {
      const parsed = parseAddress(address)
      return parsed !== undefined && containsAddress(subnet, parsed)
    })
    const dead = deadOf(own, kubernetes.pods)
    const most = Math.max(1, 2 ** (32 - subnet.length) - KEPT)
    const [first] = dead ?? []
    const place = {
      object: `/var/lib/cni/networks/${own[0]?.network ?? ''}`,
      expected: formatPrefix(subnet),
      shownBy: 'cni',
    } as const
    const network = own[0]?.network ?? ''
    if (own.length >= most) {
      const words = dead === undefined ? '' : `, ${dead.length} of them by no pod`
      yield { code: 'full', ...place, observed: `${own.length} of ${most}`, data: { network, dead: words } }
    } else if (dead === undefined && own.length > most * TOLERATED) {
      yield { unsure: 'whether pods have the addresses is not known: pods could not be listed' }
    } else if (dead && first && dead.length > most * TOLERATED) {
      const data = { network, all: own.length, example: first.address }
      yield { code: 'leaking', ...place, observed: String(dead.length), data }
    }
  },
})
