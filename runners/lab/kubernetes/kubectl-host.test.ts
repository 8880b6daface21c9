/** Hosts that are nodes entered with `kubectl exec`: a real kubelet, containerd and API server behind the runner. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { Report } from '../../../reports/report.ts'
import { type Runner, RunnerError } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import { NETNS_DIR } from '../../hosts/netns.ts'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { needs } from '../../test-needs.ts'
import { withLab } from '../build/up.ts'
import type { LabState } from '../running/state.ts'
import { fulfilsContract } from './kubectl-contract-for-tests.ts'
import { NAMESPACE, startPods } from './kubelet-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'busybox', 'containerd')
const BIN = join(import.meta.dirname, '../../bin.js')
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

/** Puts a kubectl first in the search path that reaches the lab's API server. */
function reachApi(t: ExecutionContext, lab: LabState): void {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
  const script = `#!/bin/sh\nexec nsenter --net=${NETNS_DIR}/${lab.switchNamespace} ${kubernetesPrograms().cluster('kubectl')} "$@"\n`
  writeFileSync(join(folder, 'kubectl'), script, { mode: 0o755 })
  const before = process.env.PATH
  process.env.PATH = `${folder}:${before}`
  t.teardown(() => {
    process.env.PATH = before
    rmSync(folder, { recursive: true })
  })
}

live('nodes are reached by kubectl, judged as they are, and what is stopped ends there', async (t) => {
  t.timeout(600_000)
  await withLab({ kubernetes: true, hosts: 2 }, async (lab) => {
    await startPods(lab)
    reachApi(t, lab)
    const kubectl = { kubeconfig: lab.kubernetes?.kubeconfig ?? '' }
    const reach = (via: string): Runner => makeRunner('n', via, { kubectl })
    await fulfilsContract(t, reach('kubectl://h1'))
    t.is(
      text((await reach(`kubectl://${NAMESPACE}/doctor-h2`).run(['cat', '/proc/sys/kernel/ostype'])).stdout),
      'Linux\n',
    )
    for (const [via, message] of [
      ['kubectl://h9', /no pod of flannel runs on node h9/],
      [`kubectl://${NAMESPACE}/gone`, /there is no such pod/],
    ] as const) {
      await t.throwsAsync(reach(via).run(['true']), { instanceOf: RunnerError, message })
    }
    const nodes = lab.hosts.flatMap(({ name }) => ['--host', `kubectl://${name}`])
    const inside = ['nsenter', `--net=${NETNS_DIR}/${lab.switchNamespace}`, '--']
    const check = [
      process.execPath,
      BIN,
      'check',
      '--kubeconfig',
      kubectl.kubeconfig,
      ...nodes,
      '--format',
      'json',
    ]
    const { stdout, stderr } = await run([...inside, ...check], { timeoutMs: 120_000 })
    const report = JSON.parse(text(stdout)) as Report
    t.is(report.verdict, 'healthy', stderr)
    t.deepEqual(
      report.hosts.map(({ name, reachable }) => [name, reachable]),
      [
        ['h1', true],
        ['h2', true],
      ],
    )
  })
})
