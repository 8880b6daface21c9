/** Reads the etcd of an inventory, from the network that reaches it. */
import type { EtcdTarget } from '../../inventory.ts'
import { makeRunner } from '../../make-runner.ts'
import { etcdRequest } from '../../targets.ts'
import { readEtcdVia } from './read-via.ts'
import type { EtcdReading } from './reading.ts'

/** Throws InputError when `via` names a kind of host without a runner; all else is in the reading. */
export async function readEtcdTarget(etcd: EtcdTarget, signal: AbortSignal): Promise<EtcdReading> {
  const runner = makeRunner('etcd', etcd.via ?? 'local:')
  try {
    return await readEtcdVia(runner, etcdRequest(etcd), signal)
  } finally {
    await runner.close()
  }
}
