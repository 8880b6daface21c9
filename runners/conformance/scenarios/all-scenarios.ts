/** Every scenario, in the order in which they are run: those that disturb least come first. */
import { addHost } from './add-host.ts'
import { changePeerLease } from './change-peer-lease.ts'
import { changePeerNode } from './change-peer-node.ts'
import { changeRuleKind } from './change-rule-kind.ts'
import { deleteFlannelLink } from './delete-flannel-link.ts'
import { deletePeerRoute } from './delete-peer-route.ts'
import { expirePeerLease } from './expire-peer-lease.ts'
import { killFlanneld } from './kill-flanneld.ts'
import { loseVtep } from './lose-vtep.ts'
import { pingMesh } from './ping-mesh.ts'
import { removeAnnotations } from './remove-annotations.ts'
import { removeOwnLease } from './remove-own-lease.ts'
import { removePeerLease } from './remove-peer-lease.ts'
import { reserveSubnet } from './reserve-subnet.ts'
import { restartFlanneld } from './restart-flanneld.ts'
import { restartKeepsSubnet } from './restart-keeps-subnet.ts'
import type { Scenario } from './scenario.ts'
import { stopApiServer } from './stop-api-server.ts'
import { stopEtcd } from './stop-etcd.ts'
import { terminateFlanneld } from './terminate-flanneld.ts'

export const SCENARIOS: readonly Scenario[] = [
  pingMesh,
  removePeerLease,
  changePeerLease,
  changePeerNode,
  expirePeerLease,
  addHost,
  restartFlanneld,
  terminateFlanneld,
  killFlanneld,
  restartKeepsSubnet,
  removeOwnLease,
  removeAnnotations,
  reserveSubnet,
  deletePeerRoute,
  deleteFlannelLink,
  loseVtep,
  changeRuleKind,
  stopEtcd,
  stopApiServer,
]
