/**
 * The manifests in a cluster that runs them: each node collects and judges itself in its pod, the job judges all of them
 * and keeps the result, healthy and with a fault; the plugin of Sonobuoy writes what its aggregator fetches.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parse } from 'yaml'
import { makeRunner } from '../../hosts/make-runner.ts'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { needs } from '../../test-needs.ts'
import { withLab } from '../build/up.ts'
import { heal } from '../faults/heal.ts'
import { findFault, inject } from '../faults/inject.ts'
import { placePrefix } from '../place.ts'
import type { LabState } from '../running/state.ts'
import { type ClusterAdmin, clusterAdmin, MANIFESTS, NAMESPACE } from './cluster-admin-for-tests.ts'
import { DOCTOR_IMAGE, writeDoctorImage } from './doctor-image-for-tests.ts'

const MINUTES = 60_000
const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'busybox', 'kubernetes')

/** Runs the manifests once, as their README tells; gives what the job has kept. */
async function judged(
  { work, kubectl }: ClusterAdmin,
  condition: 'complete' | 'failed',
): Promise<Record<string, string>> {
  await kubectl('apply', '--validate=strict', '-k', work)
  await kubectl(
    '-n',
    NAMESPACE,
    'wait',
    `--for=condition=${condition}`,
    '--timeout=240s',
    'job/flannel-doctor',
  )
  const kept = await kubectl('-n', NAMESPACE, 'get', 'configmap', 'flannel-doctor-result', '-o', 'json')
  return (JSON.parse(kept) as { data: Record<string, string> }).data
}

/** As an installation that was removed leaves it, whose namespace stays: the bundle of a node, which is none of the next one. */
async function leavesBundle({ kubectl }: ClusterAdmin): Promise<void> {
  await kubectl('create', 'namespace', NAMESPACE)
  const bundle = ['configmap', 'flannel-doctor-gone']
  await kubectl('-n', NAMESPACE, 'create', ...bundle, '--from-literal=bundle.tgz=none')
  await kubectl('-n', NAMESPACE, 'label', ...bundle, 'flannel-doctor=bundle', 'flannel-doctor-run=before')
}

/** What Sonobuoy makes of a plugin whose driver is DaemonSet, but its own worker beside it. */
function pluginDaemonSet(): object {
  const { podSpec, spec } = parse(readFileSync(join(MANIFESTS, 'sonobuoy-plugin.yaml'), 'utf8')) as {
    readonly podSpec: { readonly volumes: readonly object[] }
    readonly spec: object
  }
  const labels = { app: 'plugin' }
  const container = { ...spec, image: `${DOCTOR_IMAGE.name}:${DOCTOR_IMAGE.tag}` }
  const volumes = [...podSpec.volumes, { name: 'results', emptyDir: {} }]
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'plugin', namespace: 'kube-system' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...podSpec, volumes, containers: [container] } },
    },
  }
}

async function runsAsPlugin(t: ExecutionContext, { work, kubectl }: ClusterAdmin): Promise<void> {
  writeFileSync(join(work, 'plugin.json'), JSON.stringify(pluginDaemonSet()))
  // Sonobuoy's own account may do everything.
  const account = ['--clusterrole=cluster-admin', '--serviceaccount=kube-system:default']
  await kubectl('create', 'clusterrolebinding', 'sonobuoy', ...account)
  await kubectl('apply', '-f', join(work, 'plugin.json'))
  await kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/plugin', '--timeout=120s')
  const done = 'until [ -s done ]; do sleep 1; done; cat done; echo; tar xzOf "$(cat done)" junit.xml'
  const inside = ['sh', '-c', `cd /tmp/sonobuoy/results; ${done}`]
  const said = await kubectl('-n', 'kube-system', 'exec', 'daemonset/plugin', '--', ...inside)
  t.regex(said, /^\/tmp\/sonobuoy\/results\/results\.tar\.gz\n.*<testsuites [^>]*failures="0" errors="0"/s)
}

interface PodSpec {
  readonly initContainers: readonly [
    { readonly securityContext: object; readonly volumeMounts: readonly { name: string }[] },
  ]
  readonly volumes: readonly { readonly name: string }[]
}

const CAPABILITIES = ['NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE']
const JUDGES_ITSELF =
  'flannel-doctor collect --local --name n --save /tmp/n.tgz; flannel-doctor replay /tmp/n.tgz; true'

/** A node's pod of the manifests, but for what it may do. */
function nodePod(name: string, { capabilities = CAPABILITIES, hostPID = true }): object {
  const { spec } = parse(readFileSync(join(MANIFESTS, 'chart/manifests/collect.yaml'), 'utf8')) as {
    readonly spec: { readonly template: { readonly spec: PodSpec } }
  }
  const { initContainers, ...pod } = spec.template.spec
  const ofHost = ({ name: volume }: { readonly name: string }): boolean => volume !== 'scripts'
  const [collect] = initContainers
  const container = {
    ...collect,
    image: `${DOCTOR_IMAGE.name}:${DOCTOR_IMAGE.tag}`,
    command: ['sh', '-c', JUDGES_ITSELF],
    securityContext: { ...collect.securityContext, capabilities: { drop: ['ALL'], add: capabilities } },
    volumeMounts: collect.volumeMounts.filter(ofHost),
  }
  const volumes = pod.volumes.filter(ofHost)
  const running = { hostPID, serviceAccountName: 'default', restartPolicy: 'Never' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'kube-system' },
    spec: {
      ...pod,
      ...running,
      nodeSelector: { 'kubernetes.io/hostname': 'h1' },
      volumes,
      containers: [container],
    },
  }
}

/** Without any of what it asks for a pod cannot tell, and says so; `kube-system` must let its account read. */
async function needsAll(t: ExecutionContext, { work, kubectl }: ClusterAdmin): Promise<void> {
  const without = CAPABILITIES.map((gone) => CAPABILITIES.filter((one) => one !== gone))
  const pods = [
    nodePod('all', {}),
    nodePod('without-host-pid', { hostPID: false }),
    ...without.map((capabilities, at) => nodePod(`without-${at}`, { capabilities })),
  ]
  writeFileSync(join(work, 'pods.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods }))
  await kubectl('apply', '-f', join(work, 'pods.json'))
  const names = ['all', 'without-host-pid', ...without.map((_, at) => `without-${at}`)]
  for (const name of names) {
    const ended = '--for=jsonpath={.status.phase}=Succeeded'
    await kubectl('-n', 'kube-system', 'wait', ended, '--timeout=240s', `pod/${name}`)
    const said = await kubectl('-n', 'kube-system', 'logs', name)
    t.regex(said, name === 'all' ? /^HEALTHY/m : /^UNDECIDED/m, name)
  }
}

/** What process 1 of the pod is called by which kubectl:// enters a node. */
async function entranceOf(node: string, { kubernetes, switchNamespace }: LabState): Promise<string> {
  const path = `PATH=${dirname(kubernetesPrograms().cluster('kubectl'))}:${process.env.PATH}`
  const prefix = [...placePrefix({ namespace: switchNamespace }), 'env', path]
  const kubectl = { kubeconfig: kubernetes?.kubeconfig ?? '', prefix }
  const { stdout } = await makeRunner(node, `kubectl://${node}`, { kubectl }).run(['cat', '/proc/1/comm'])
  return Buffer.from(stdout).toString('utf8').trim()
}

live(
  'every node judges itself in its pod, and the job judges them all: healthy, then broken by its cause',
  async (t) => {
    t.timeout(20 * MINUTES)
    await withLab({ name: `in-cluster-${process.pid}`, kubernetes: 'cluster', hosts: 2 }, async (lab) => {
      const work = mkdtempSync(join(tmpdir(), 'flannel-doctor-cluster-'))
      t.teardown(() => rmSync(work, { recursive: true, force: true }))
      const cluster = await clusterAdmin(lab, { work, manifests: MANIFESTS, write: writeDoctorImage })
      const { kubectl } = cluster
      const healthy = await judged(cluster, 'complete')
      t.is(healthy['exit-status'], '0')
      t.regex(healthy['report.txt'] ?? '', /^HEALTHY .* 2 hosts checked/)
      t.regex(healthy['junit.xml'] ?? '', /<testsuite/)
      t.is(await entranceOf('h1', lab), 'flanneld', 'a pod of ours that ran once may do nothing')
      const account = `--as=system:serviceaccount:${NAMESPACE}:${NAMESPACE}`
      await t.throwsAsync(kubectl('get', 'secrets', '-A', account), { message: /forbidden/ })
      const own = await kubectl(
        '-n',
        NAMESPACE,
        'logs',
        '-l',
        'app.kubernetes.io/name=flannel-doctor',
        '-c',
        'collect',
        '--tail=-1',
      )
      t.is(own.match(/1 of 2 leased hosts looked at/g)?.length, 2, own)
      await kubectl('delete', '-k', work)
      await leavesBundle(cluster)
      await inject(lab.name, findFault('fdb-entry-deleted'), { victim: 'h2', peer: 'h1' })
      const broken = await judged(cluster, 'failed')
      await heal(lab.name)
      t.is(broken['exit-status'], '1')
      t.regex(broken['report.txt'] ?? '', /^BROKEN [\s\S]*code\s+fdb\/peer-vtep:missing {2}h2/)
      await kubectl('delete', '-k', work)
      await runsAsPlugin(t, cluster)
      await needsAll(t, cluster)
    })
  },
)
