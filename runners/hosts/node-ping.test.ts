import test from 'ava'
import { needs } from '../test-needs.ts'
import { RunnerError } from './command/runner.ts'
import { run } from './command/spawn.ts'
import { answersPing, withPing } from './node-ping.ts'

const live = needs(test, 'root')
const HERE = import.meta.dirname

/** What is said of an ssh host, in a network of its own that `script` has made. */
async function saidIn(script: string, via: string): Promise<string> {
  const ask = `
    const { withPing } = await import('${HERE}/node-ping.ts')
    const { RunnerError } = await import('${HERE}/command/runner.ts')
    console.log((await withPing('${via}', new RunnerError('unreachable', 'timed out'))).message)`
  const words = [process.execPath, '--input-type=module', '-e', ask]
  const { stdout, stderr } = await run(['unshare', '-n', 'sh', '-c', `${script}; exec "$@"`, 'sh', ...words])
  return `${Buffer.from(stdout).toString('utf8').trim()}${stderr}`
}

live('a machine that answers is there, one without a way to it is not', async (t) => {
  t.is(await saidIn('ip link set lo up', 'ssh://127.0.0.5'), 'timed out; 127.0.0.5 answers ping from here')
  t.is(await saidIn(':', 'ssh://192.0.2.7'), 'timed out; 192.0.2.7 does not answer ping from here either')
  const drop = `ip link set lo up; nft 'table ip f { chain i { type filter hook input priority 0; drop; }; }'`
  t.is(await saidIn(drop, 'ssh://127.0.0.5'), 'timed out; 127.0.0.5 does not answer ping from here either')
})

test('what is no IPv4 literal is not pinged', async (t) => {
  for (const words of ['-h', 'localhost', '127.0.0.1 -f', '::1', ''])
    t.is(await answersPing(words), undefined)
})

test('only an ssh host that may be down is asked for', async (t) => {
  const cases = [
    ['netns://h1', new RunnerError('unreachable', 'gone')],
    ['ssh://127.0.0.1', new RunnerError('auth', 'the login was refused')],
    ['ssh://127.0.0.1', new RunnerError('unreachable', 'Connection refused')],
    ['ssh://localhost', new RunnerError('unreachable', 'timed out')],
  ] as const
  for (const [via, problem] of cases) t.is(await withPing(via, problem), problem)
})
