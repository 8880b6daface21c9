/** Stops and starts the etcd of a lab. */

import { askSocket } from '../daemons/socket-http.ts'
import type { LabState } from '../running/state.ts'
import { waitUntil } from '../wait.ts'
import type { DatastoreService } from './host-control.ts'
import { labService } from './lab-service.ts'

async function answers(directory: string): Promise<string | undefined> {
  try {
    const { body } = await askSocket(`${directory}/client:0`, { method: 'GET', path: '/health' })
    return body.includes('"health":"true"') ? undefined : 'etcd has no leader'
  } catch (error) {
    return `etcd does not answer: ${(error as Error).message}`
  }
}

/** The etcd of a lab that is up. */
export function etcdService(lab: () => LabState): DatastoreService {
  const { directory: folder, engine } = lab()
  const directory = `${folder}/etcd`
  return labService(lab, {
    role: 'etcd',
    endedBy: 'SIGTERM',
    engine,
    directory,
    logFile: `${directory}/etcd.log`,
    untilReady: (bounds) => waitUntil(() => answers(directory), bounds),
  })
}
