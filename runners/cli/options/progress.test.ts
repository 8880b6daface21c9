/** Progress as a terminal and as a log get it. */
import { setTimeout as wait } from 'node:timers/promises'
import test from 'ava'
import { progress } from './progress.ts'

const SETTINGS = { hosts: 3, deadlineSeconds: 120, plain: false }

async function shown(
  tty: boolean,
  plain: boolean,
  work: (watch: ReturnType<typeof progress>) => Promise<void>,
) {
  const written: string[] = []
  const watch = progress({ tty, columns: 100, write: (text) => written.push(text) }, { ...SETTINGS, plain })
  for (const host of ['h1', 'h2', 'h3\u001b[31m']) watch.asked(host)
  await work(watch)
  watch.end()
  return written
}

test('a terminal is told who is waited for and when the run ends, and is left clean', async (t) => {
  const written = await shown(true, false, async (watch) => {
    watch.answered('h1')
    await wait(1500)
  })
  t.regex(
    written[0] ?? '',
    /^\r\u001b\[2K1 of 3 hosts answered, waiting for h2, h3\\x1b\[31m; the run ends in at most 119 s$/,
  )
  t.is(written.at(-1), '\r\u001b[2K')
})

test('nothing is said of what takes no second, nor to a pipe that did not ask', async (t) => {
  t.deepEqual(await shown(true, false, async () => {}), [])
  t.deepEqual(await shown(false, false, () => wait(1200)), [])
})
