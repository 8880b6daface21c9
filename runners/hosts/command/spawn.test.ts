import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { identify } from '../process-identity.ts'
import { RunnerError } from './runner.ts'
import { open, run } from './spawn.ts'

const pidFile = (): string => join(mkdtempSync(join(tmpdir(), 'spawn-')), 'pid')

test('a non-zero exit is data, with both streams apart', async (t) => {
  const result = await run(['sh', '-c', 'cat; echo err >&2; exit 7'], { stdin: 'in' })
  t.deepEqual(result.end, { exit: 7 })
  t.is(Buffer.from(result.stdout).toString(), 'in')
  t.is(result.stderr, 'err\n')
})

test('the deadline kills grandchildren too, even those that hold the pipe open', async (t) => {
  const file = pidFile()
  const result = await run(['sh', '-c', `(sleep 60 & echo $! >'${file}'; wait) & sleep 60`], {
    timeoutMs: 300,
  })
  t.deepEqual(result.end, { timedOut: true })
  t.is(identify(Number(readFileSync(file, 'utf8'))), undefined)
})

test('cancelling and too much output end a command as a whole', async (t) => {
  const stop = new AbortController()
  const running = run(['sleep', '60'], { signal: stop.signal })
  stop.abort()
  t.deepEqual((await running).end, { cancelled: true })
  const flood = await run(['yes'], { maxBytes: 10_000 })
  t.deepEqual(flood.end, { overflow: true })
  t.true(flood.stdout.length <= 10_000)
  t.deepEqual((await run(['sh', '-c', 'yes >&2'], { maxBytes: 10_000 })).end, { overflow: true })
})

test('a killed command is over although processes of another group hold its pipes', async (t) => {
  const file = pidFile()
  const script = `echo said; setsid sleep 300 & echo $! >'${file}'; exec sleep 300`
  const result = await run(['sh', '-c', script], { timeoutMs: 1000 })
  const holder = Number(readFileSync(file, 'utf8'))
  t.truthy(identify(holder))
  process.kill(holder)
  t.deepEqual(result.end, { timedOut: true })
  t.is(Buffer.from(result.stdout).toString(), 'said\n')
})

test('a command that cannot be started is a RunnerError, not an exit status', async (t) => {
  await t.throwsAsync(run(['/no/such/command']), { instanceOf: RunnerError, message: /command not found/ })
  await t.throwsAsync(run(['/etc/passwd']), { instanceOf: RunnerError, message: /not permitted/ })
  await t.throwsAsync(run(['echo', 'a\0b']), { instanceOf: RunnerError, message: /NUL byte/ })
})

test('an open command runs until it is stopped', async (t) => {
  const command = await open(['sh', '-c', 'echo ready; sleep 60 & sleep 60'])
  for await (const chunk of command.stdout) {
    t.is(Buffer.from(chunk).toString(), 'ready\n')
    break
  }
  t.truthy(identify(command.pid))
  const end = await command.stop(200)
  t.true('signal' in end)
  t.is(identify(command.pid), undefined)
})
