import test from 'ava'
import { haltedContainers } from './container-statuses.ts'
import { daemonSetsOf } from './daemon-sets.ts'
import { kubernetesReading, podObject } from './reading.ts'

/** A pod as the API has it, with these states of containers. */
function pod(containerStatuses: unknown, initContainerStatuses: unknown = []) {
  return podObject.parse({
    metadata: { name: 'kube-flannel-ds-a', namespace: 'kube-flannel' },
    spec: { nodeName: 'h1', hostNetwork: true },
    status: { phase: 'Running', containerStatuses, initContainerStatuses },
  })
}

const RUNNING = { name: 'kube-flannel', state: { running: { startedAt: '2026-11-29T02:12:21Z' } } }
const DONE = { name: 'install-cni', state: { terminated: { exitCode: 0, reason: 'Completed' } } }

test('containers that run, and those whose work is done, are not kept', (t) => {
  const { status } = pod([RUNNING], [DONE])
  t.is(haltedContainers(status), undefined)
  t.false(JSON.stringify(status).includes('install-cni'))
})

test('those that wait or have ended say why, in the order in which they start', (t) => {
  const failed = { name: 'install-cni', state: { terminated: { exitCode: 1, reason: 'Error' } } }
  const waits = { name: 'kube-flannel', state: { waiting: { reason: 'PodInitializing' } } }
  const ended = { name: 'calico-node', state: { terminated: { exitCode: 0, reason: 'Completed' } } }
  const { status } = pod([waits, ended], [DONE, failed])
  t.deepEqual(haltedContainers(status), [
    { name: 'install-cni', isInit: true, reason: 'Error', exitCode: 1 },
    { name: 'kube-flannel', reason: 'PodInitializing' },
    { name: 'calico-node', reason: 'Completed', exitCode: 0 },
  ])
})

test('a saved reading is read as it was', (t) => {
  const waits = { name: 'kube-flannel', state: { waiting: { reason: 'ImagePullBackOff', message: 'x' } } }
  const once = JSON.stringify(pod([waits, RUNNING], [DONE]))
  t.is(JSON.stringify(podObject.parse(JSON.parse(once))), once)
})

test('statuses that are none do not hide the pod', (t) => {
  for (const wrong of ['x', [{ name: 7 }], { a: 1 }, null])
    t.is(haltedContainers(pod(wrong, wrong).status), undefined)
})

test('of a DaemonSet the containers with flannel are known, and which labels it asks nodes for', (t) => {
  const containers = [
    { name: 'calico-node', image: 'docker.io/calico/node:v3' },
    { name: 'kube-flannel', image: 'ghcr.io/flannel-io/flannel:v0.28.9' },
  ]
  const nodeSelector = { 'kubernetes.io/os': 'linux', net: 'flannel' }
  const metadata = { name: 'canal', namespace: 'kube-system' }
  const item = { metadata, spec: { template: { spec: { containers, nodeSelector } } }, status: {} }
  const reading = kubernetesReading.parse({
    kind: 'kubernetes',
    server: 'https://192.0.2.1:6443',
    resources: { daemonsets: { items: [item] } },
  })
  const [set] = daemonSetsOf(reading) ?? []
  t.like(set, { containers: ['kube-flannel'], nodeSelector: 'net=flannel' })
})
