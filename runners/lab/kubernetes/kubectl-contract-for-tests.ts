/** What a runner promises, tried on a node that is entered with `kubectl exec`. */
import type { ExecutionContext } from 'ava'
import { collectHost, factsFromSections } from '../../collect/collect.ts'
import type { Runner } from '../../hosts/command/runner.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

/** True while a process has such a word; small images have no pgrep. The pattern does not match itself. */
async function isThere(runner: Runner, pattern: string): Promise<boolean> {
  const look = `grep -a -l -s -z -x '${pattern}' /proc/[0-9]*/cmdline`
  return text((await runner.run(['sh', '-c', look])).stdout) !== ''
}

/** Asserts exit status, output, standard input, deadline, stopping, bounds and one whole collection. */
export async function fulfilsContract(t: ExecutionContext, runner: Runner): Promise<void> {
  const failing = await runner.run(['sh', '-c', 'echo out; echo err >&2; exit 3'])
  t.like({ end: failing.end, out: text(failing.stdout) }, { end: { exit: 3 }, out: 'out\n' })
  t.is(failing.stderr.trim(), 'err')
  t.is(text((await runner.run(['cat'], { stdin: 'a b\n' })).stdout), 'a b\n')
  t.deepEqual((await runner.run(['flannel-doctor-no-such-command'])).end, { exit: 127 })
  const late = await runner.run(['sleep', '47111'], { timeoutMs: 3000 })
  t.deepEqual(late.end, { timedOut: true })
  t.false(await isThere(runner, '4711[1]'))
  const endless = await runner.open(['sh', '-c', 'echo up; exec sleep 47222'])
  for await (const chunk of endless.stdout) if (text(chunk).includes('up')) break
  t.true(await isThere(runner, '4722[2]'))
  await endless.stop()
  t.false(await isThere(runner, '4722[2]'))
  const flood = await runner.run(['yes'], { timeoutMs: 5000, maxBytes: 100_000 })
  t.true(flood.stdout.length <= 100_000, 'what a node prints is bounded')
  const { sections, commands, problem } = await collectHost(runner)
  t.is(problem, undefined)
  t.is(commands.length, 1)
  const { facts } = factsFromSections({ name: runner.host, via: runner.via }, sections)
  t.true(facts.links.known && facts.links.value.some(({ name: link }) => link === 'flannel.1'))
}
