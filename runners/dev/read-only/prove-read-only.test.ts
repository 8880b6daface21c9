/** Nothing changes below --intrude: a bounded part of the proof, in namespaces of its own while other tests run. */
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { needs } from '../../test-needs.ts'
import { runIsolated } from './isolated.ts'

const PROOF = fileURLToPath(new URL('prove-read-only.ts', import.meta.url))

async function proves(...attempts: readonly string[]): Promise<string> {
  const { end, stdout, stderr } = await runIsolated(PROOF, ['--shared-kernel', ...attempts], {
    timeoutMs: 280_000,
  })
  const said = stdout.toString()
  const held = attempts.filter((name) => said.includes(`held  ${name}\n`))
  return held.length === attempts.length ? '' : `${JSON.stringify(end)} ${said}${stderr}`
}

needs(
  test.serial,
  'root',
  'netns',
  'etcd',
  'flanneld',
  'sshd',
)('probes, a trace and a check over ssh leave a machine with a lab as it was', async (t) => {
  t.is(await proves('netns:// check --probe', 'netns:// trace', 'ssh:// check'), '')
})

needs(
  test.serial,
  'root',
  'netns',
  'etcd',
  'flanneld',
  'docker',
)('probes between containers of an engine leave it as it was', async (t) => {
  t.is(await proves('docker:// check --probe'), '')
})
