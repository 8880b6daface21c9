/** A part of `npm run prove:read-only` and of `npm run chaos`. */
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { needs } from '../../test-needs.ts'
import { runIsolated } from './isolated.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

async function proof(
  program: string,
  word: string,
): Promise<{ readonly exit: unknown; readonly text: string }> {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const { end, stdout, stderr } = await runIsolated(path, [word], { timeoutMs: 240_000 })
  return { exit: end, text: Buffer.from(stdout).toString('utf8') + stderr }
}

live('collecting, checking and probing change nothing on a machine', async (t) => {
  t.timeout(250_000)
  const { exit, text } = await proof('prove-read-only.ts', 'netns:// check')
  t.deepEqual(exit, { exit: 0 }, text)
  t.regex(text, /read-only: 2 tried, 2 held, 0 failed/)
})

live('six commands killed at random leave nothing after the next start', async (t) => {
  t.timeout(250_000)
  const { exit, text } = await proof('../chaos/chaos.ts', '6')
  t.deepEqual(exit, { exit: 0 }, text)
  t.regex(text, /chaos: 6 kills, 0 rounds/)
})
