// flannel sets address, MTU, MAC and routes of its links over netlink and does not look at most of them again
// (`pkg/backend/vxlan/device.go`, `Configure`). A service that takes such a link for its own replaces what it finds. Besides,
// systemd-networkd removes routes that it did not write from the links it manages (networkd.conf(5),
// ManageForeignRoutes=, yes by default) when it starts or when they come up again.

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { keep, RESTART_FLANNELD, run } from '../heal/steps.ts'
import type { LinkOwners, OwnedLink } from '../model/link-owner.ts'
import { named } from '../model/named.ts'

type Code = 'network-manager-link' | 'networkd-link' | 'foreign-routes'

/** nmcli: a connection of its own is applied to the link; `connected (externally)` is left alone. */
const MANAGED = /^(connected|connecting( \(.*\))?|deactivating)$/
/** networkctl, column SETUP: a .network file applies to the link. */
const CONFIGURED: ReadonlySet<string> = new Set(['configured', 'configuring', 'degraded', 'failed'])

/** Names that flannel gives: flannel.1, flannel-v6.1, flannel0, flannel.ipip, flannel-wg. */
const FLANNEL_LINK = /^flannel([.-]|\d)/

function managed(owned: readonly OwnedLink[], isManaged: (state: string) => boolean): readonly OwnedLink[] {
  return owned.filter(({ link, state }) => FLANNEL_LINK.test(link) && isManaged(state))
}

function* flannelLinks({ networkManager, networkd }: LinkOwners): Iterable<Draft<Code>> {
  for (const { link, state } of managed(networkManager, (state) => MANAGED.test(state)))
    yield {
      code: 'network-manager-link',
      object: named('link', link),
      expected: 'unmanaged',
      observed: state,
      data: { link },
    }
  for (const { link, state } of managed(networkd, (state) => CONFIGURED.has(state)))
    yield {
      code: 'networkd-link',
      object: named('link', link),
      expected: 'unmanaged',
      observed: state,
      data: { link },
    }
}

/** True where flannel has routes on the external link itself. */
function routesDirectly({ link, peers }: ExpectedHost): boolean {
  return link === undefined || peers.some(({ direct }) => direct)
}

const explains = [
  { code: 'link/address:*', when: 'same-host' },
  { code: 'link/mac:*', when: 'same-host' },
  { code: 'link/mtu:*', when: 'same-host' },
  { code: 'route/peer-subnet:*', when: 'same-host' },
  { code: 'neighbour/peer-vtep:*', when: 'same-host' },
] as const

const FIX = 'Give it a file that leaves them alone, restart the service and then flanneld.'

export const check = defineHostCheck({
  id: 'daemon/network-service',
  title: 'NetworkManager and systemd-networkd',
  backends: 'any',
  needs: ['linkOwners'],
  needsExpected: true,
  findings: {
    'network-manager-link': {
      severity: 'warning',
      confidence: 'likely',
      says: 'NetworkManager on {host} manages {link} ({observed}): it replaces address, MAC and routes that flannel gave it',
      fix: `${FIX} /etc/NetworkManager/conf.d/flannel.conf: [keyfile] unmanaged-devices=interface-name:flannel*;interface-name:docker0;interface-name:veth*`,
      heal: [
        keep(
          "printf '[keyfile]\\nunmanaged-devices=interface-name:flannel*;interface-name:docker0;interface-name:veth*\\n' > /etc/NetworkManager/conf.d/flannel.conf",
          'NetworkManager leaves these links alone',
          'rm /etc/NetworkManager/conf.d/flannel.conf',
        ),
        run('systemctl reload NetworkManager', 'it reads the file'),
        RESTART_FLANNELD,
      ],
      explains,
    },
    'networkd-link': {
      severity: 'warning',
      confidence: 'likely',
      says: 'systemd-networkd on {host} manages {link} ({observed}): it removes addresses and routes that no file of its own names',
      fix: `${FIX} /etc/systemd/network/00-flannel.network: [Match] Name=flannel* and [Link] Unmanaged=yes`,
      heal: [
        keep(
          "printf '[Match]\\nName=flannel*\\n\\n[Link]\\nUnmanaged=yes\\n' > /etc/systemd/network/00-flannel.network",
          'systemd-networkd leaves these links alone',
          'rm /etc/systemd/network/00-flannel.network',
        ),
        run('networkctl reload', 'it reads the file'),
        RESTART_FLANNELD,
      ],
      explains,
    },
    'foreign-routes': {
      severity: 'info',
      confidence: 'possible',
      says: 'systemd-networkd on {host} manages {link} and may remove the routes that flannel wrote on it when it is restarted or the link comes up again',
      fix: 'Set ManageForeignRoutes=no in /etc/systemd/networkd.conf.',
      explains: [{ code: 'route/peer-subnet:missing', when: 'same-host' }],
    },
  },
  *evaluate({ facts: { linkOwners }, expected }) {
    yield* flannelLinks(linkOwners)
    const link = expected.externalLink?.name
    const owned = linkOwners.networkd.find((one) => one.link === link)
    if (link === undefined || owned === undefined || linkOwners.manageForeignRoutes === false) return
    if (!CONFIGURED.has(owned.state) || !routesDirectly(expected)) return
    const observed = `ManageForeignRoutes=${linkOwners.manageForeignRoutes === true ? 'yes' : 'unset, which means yes'}`
    yield {
      code: 'foreign-routes',
      object: named('external link', link),
      expected: 'ManageForeignRoutes=no',
      observed,
      data: { link },
    }
  },
})
