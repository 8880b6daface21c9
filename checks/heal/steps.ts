/** Steps that many findings share, and the ways to write one. */
import type { CommandStep, DatastoreStep, RestartStep } from '../heal-step.ts'
import { present } from '../model/present.ts'

/** flanneld of the host reads configuration and leases again and writes everything anew. */
export const RESTART_FLANNELD: RestartStep = { on: 'host', restart: 'flanneld' }
export const RESTART_FLANNELD_EVERYWHERE: RestartStep = { on: 'every-host', restart: 'flanneld' }
/** Docker takes its options from flannel again. */
export const RESTART_DOCKER: RestartStep = { on: 'host', restart: 'docker' }

/** br_netfilter now and at every boot. */
export const LOAD_BR_NETFILTER: readonly CommandStep[] = [
  run('modprobe br_netfilter', 'the module is loaded'),
  keep(
    "printf 'br_netfilter\\n' > /etc/modules-load.d/flannel.conf",
    'it is loaded at every boot',
    'rm /etc/modules-load.d/flannel.conf',
  ),
]

/** A command on the finding's host whose work is lost by a reboot. */
export function run(command: string, effect: string, undo?: string): CommandStep {
  return { on: 'host', command, effect, restartProof: false, ...present({ undo }) }
}

/** A command on the finding's host that writes a file or a setting that stays. */
export function keep(command: string, effect: string, undo?: string): CommandStep {
  return { on: 'host', command, effect, restartProof: true, ...present({ undo }) }
}

/** Deletes a key below flannel's prefix. */
export function deleteKey(key: string, effect: string): DatastoreStep {
  return { on: 'datastore', etcd: 'delete', key, effect }
}

/** Writes a key below flannel's prefix. */
export function putKey(key: string, value: string, effect: string): DatastoreStep {
  return { on: 'datastore', etcd: 'put', key, value, effect }
}

/** A revision that is compacted away frees its pages only when the database is written anew. */
export const FREE_ETCD_SPACE: readonly DatastoreStep[] = (
  [
    ['compact {revision}', 'etcd forgets what was overwritten'],
    ['defrag', 'its database is written anew without it'],
    ['alarm disarm', 'etcd takes writes again'],
  ] as const
).map(([words, effect]) => ({ on: 'datastore', etcd: 'run', key: words, effect }))

/** systemd.link(5): a MAC policy of its own changes the MAC that flanneld set. */
export const LEAVE_MAC_ALONE = keep(
  "printf '[Match]\\nOriginalName=flannel*\\n\\n[Link]\\nMACAddressPolicy=none\\n' > /etc/systemd/network/10-flannel.link",
  'udev leaves the MAC of flannel links alone',
  'rm /etc/systemd/network/10-flannel.link',
)
