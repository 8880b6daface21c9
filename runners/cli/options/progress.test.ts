/** Progress as a terminal and as a log get it. */
import { setTimeout as wait } from 'node:timers/promises'
import test from 'ava'
import { shownWhile, watchHosts } from '../../show-progress.ts'
import { liveProgress } from './progress.ts'

async function shown(
  screen: { readonly tty: boolean; readonly plain: boolean },
  work: (show: ReturnType<typeof liveProgress>, stop: () => void) => Promise<void>,
): Promise<readonly string[]> {
  const written: string[] = []
  const stopped = new AbortController()
  const { tty, plain } = screen
  const show = liveProgress(
    { tty, columns: 120, write: (text) => written.push(text) },
    { deadlineSeconds: 120, plain, signal: stopped.signal },
  )
  await work(show, () => stopped.abort())
  return written
}

const TERMINAL = { tty: true, plain: false }

test('a terminal is told who is waited for and when the run ends, and is left clean', async (t) => {
  const written = await shown(TERMINAL, async (show) => {
    const watch = watchHosts(show, 3, 'hosts answered')
    for (const host of ['h1', 'h2', 'h3\u001b[31m']) watch.asked(host)
    watch.answered('h1')
    await wait(1500)
    watch.answered('h2')
    watch.answered('h3')
  })
  t.regex(
    written[0] ?? '',
    /^\r\u001b\[2K1 of 3 hosts answered, waiting for h2, h3\\x1b\[31m; the run ends in at most \d+ s$/,
  )
  t.is(written.at(-1), '\r\u001b[2K')
})

test('what lasts is named, and a stop takes the line away', async (t) => {
  const written = await shown(TERMINAL, async (show, stop) => {
    const work = shownWhile(show, 'following a ping from h1/c1 to h2/c2', () => wait(2000))
    await wait(1600)
    stop()
    await work
  })
  t.regex(written[0] ?? '', /following a ping from h1\/c1 to h2\/c2; the run ends in at most \d+ s$/)
  t.is(written.filter((text) => text === '\r\u001b[2K').length, 1)
})

test('nothing is said of what takes no second, nor to a pipe that did not ask', async (t) => {
  const quick = async (show: ReturnType<typeof liveProgress>) => shownWhile(show, 'it', async () => {})
  t.deepEqual(await shown(TERMINAL, quick), [])
  t.deepEqual(
    await shown({ tty: false, plain: false }, (show) => shownWhile(show, 'it', () => wait(1200))),
    [],
  )
})
