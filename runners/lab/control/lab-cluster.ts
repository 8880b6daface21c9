/** The Kubernetes API of a lab: asked as its administrator, and stopped and started. */
import { API_SERVER, apiServerFiles, askApi, untilApiReady } from '../kubernetes/api-server.ts'
import type { LabState } from '../running/state.ts'
import type { ClusterControl } from './host-control.ts'
import { labService } from './lab-service.ts'

/** Of a lab of Kubernetes that is up. */
export function labCluster(lab: () => LabState): ClusterControl {
  return {
    ask: (request) => askApi(lab(), request),
    ...labService(lab, {
      role: API_SERVER,
      endedBy: 'SIGKILL', // asked to end, it waits for a minute for those that watch
      ...apiServerFiles(lab()),
      untilReady: (bounds) => untilApiReady(lab(), bounds),
    }),
  }
}
