/**
 * The manifests on a real API server, and what their pods run: by a token of their own account, in the networks, mounts
 * and capabilities that they ask for. What controllers would do is done here: no pod is started.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { needs } from '../../test-needs.ts'
import { withLab } from '../build/up.ts'
import { type LabPlace, placePrefix } from '../place.ts'
import { writeKubeconfigOf } from './api-server.ts'

const FOLDER = fileURLToPath(new URL('../../kubernetes-manifests/', import.meta.url))
const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))
const NAMESPACE = 'flannel-doctor'
const live = needs(test, 'root', 'netns', 'etcd', 'flanneld', 'kubectl')

async function must(argv: readonly string[], stdin = ''): Promise<string> {
  const { end, stdout, stderr } = await run(argv, { stdin, timeoutMs: 120_000 })
  if (!('exit' in end) || end.exit !== 0) throw new Error(`${argv.join(' ')}: ${stderr}${stdout}`)
  return stdout.toString()
}

/** Both containers drop all capabilities but those. */
const restricted = (capabilities: readonly string[]): readonly string[] => [
  'setpriv',
  `--bounding-set=${['-all', ...capabilities.map((one) => `+${one}`)].join(',')}`,
  '--inh-caps=-all',
]
const OF_A_NODE = ['net_admin', 'sys_admin', 'sys_ptrace']

live('applied with strict validation; every node collects itself, and one job judges them all', async (t) => {
  t.timeout(600_000)
  const results = mkdtempSync(join(tmpdir(), 'flannel-doctor-manifests-'))
  t.teardown(() => rmSync(results, { recursive: true, force: true }))
  const command = `${results}/flannel-doctor`
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`)
  chmodSync(command, 0o755)
  await withLab({ name: `manifests-${process.pid}`, kubernetes: true }, async (lab) => {
    const at = placePrefix({ namespace: lab.switchNamespace })
    // Without a home kubectl keeps what it has read where it stands.
    const client = ['env', `HOME=${results}`, 'kubectl']
    const admin = [...at, ...client, '--kubeconfig', lab.kubernetes?.kubeconfig ?? '']
    await must([...admin, 'apply', '--validate=strict', '-k', FOLDER])
    const account = await must([...admin, '-n', NAMESPACE, 'create', 'token', NAMESPACE])
    const kubeconfig = writeKubeconfigOf(lab, NAMESPACE, account.trim())
    await must([
      ...client,
      '--kubeconfig',
      kubeconfig,
      'config',
      'set-context',
      '--current',
      '--namespace',
      NAMESPACE,
    ])
    const script = (place: LabPlace, capabilities: readonly string[], [file, ...env]: readonly string[]) => {
      const given = [
        `PATH=${results}:${process.env.PATH}`,
        `KUBECONFIG=${kubeconfig}`,
        `RESULTS=${results}`,
        ...env,
      ]
      const inside = [
        ...restricted(capabilities),
        'env',
        '-i',
        ...given,
        'sh',
        `${FOLDER}chart/files/${file}`,
      ]
      return must([...placePrefix(place), ...inside])
    }
    for (const host of lab.hosts) await script(host, OF_A_NODE, ['collect.sh', `NODE_NAME=${host.name}`])
    const status = {
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberMisscheduled: 0,
      numberReady: 3,
    }
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]
    await must([...admin, '-n', NAMESPACE, 'patch', 'daemonset', NAMESPACE, ...patch])
    const told = await script({ namespace: lab.switchNamespace }, [], ['merge.sh', 'WAIT_SECONDS=20'])
    t.regex(told, /3 of 3 nodes have collected themselves\nHEALTHY .* 3 hosts checked/)
    const kept = await must([
      ...admin,
      '-n',
      NAMESPACE,
      'get',
      'configmap',
      'flannel-doctor-result',
      '-o',
      'json',
    ])
    const { data } = JSON.parse(kept) as { data: Record<string, string> }
    t.is(data['exit-status'], '0')
    t.regex(data['junit.xml'] ?? '', /<testsuite/)
    // Its account may do no more: it is told so.
    const refused = await run([...at, ...client, '--kubeconfig', kubeconfig, 'get', 'secrets', '-A'])
    t.regex(refused.stderr.toString(), /forbidden/)
  })
})
