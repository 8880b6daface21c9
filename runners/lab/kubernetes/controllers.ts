/** What controls a cluster beside its API server: controller manager and scheduler, in the switch namespace. */
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { startLabDaemon } from '../daemons/daemon.ts'
import type { LabPlan } from '../plan/plan.ts'
import { configField } from '../plan/plan-config.ts'
import { accountsKeyOf, adminKubeconfig, certificateOf, folderOf } from './api-server.ts'

/** The cluster's CIDR: kube-proxy tells by it what comes from pods. */
export const clusterCidr = ({ config }: Pick<LabPlan, 'config'>): string =>
  String(configField(JSON.parse(config), 'network'))

/** Starts both; the API server must be ready. */
export async function startControllers(plan: LabPlan): Promise<void> {
  const directory = folderOf(plan)
  const start = (name: 'kube-controller-manager' | 'kube-scheduler', words: readonly string[]) =>
    startLabDaemon(plan, {
      role: name,
      namespace: plan.switchNamespace,
      argv: [
        kubernetesPrograms().cluster(name),
        `--kubeconfig=${adminKubeconfig(plan)}`,
        '--bind-address=127.0.0.1',
        '--leader-elect=false',
        ...words,
      ],
      directory,
      logFile: `${directory}/${name}.log`,
    })
  await Promise.all([
    start('kube-scheduler', []),
    start('kube-controller-manager', [
      '--allocate-node-cidrs=true',
      `--cluster-cidr=${clusterCidr(plan)}`,
      `--service-account-private-key-file=${accountsKeyOf(plan)}`,
      `--root-ca-file=${certificateOf(plan)}`,
      '--use-service-account-credentials=true',
    ]),
  ])
}
