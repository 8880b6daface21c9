/** Steps that many findings share, and the ways to write one. */
import type { CommandStep, DatastoreStep, RestartStep } from '../heal-step.ts'
import { present } from '../model/present.ts'

/** flanneld of the host reads configuration and leases again and writes everything anew. */
export const RESTART_FLANNELD: RestartStep = { on: 'host', restart: 'flanneld' }
export const RESTART_FLANNELD_EVERYWHERE: RestartStep = { on: 'every-host', restart: 'flanneld' }
/** Docker takes its options from flannel again. */
export const RESTART_DOCKER: RestartStep = { on: 'host', restart: 'docker' }

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
