/** The bench command against real flanneld: every figure is there, and nothing is left however it ends. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { isMeasured, problemsOf, type Throughput } from '../../reports/throughput/throughput.ts'
import { killGroup, open, run } from '../hosts/command/spawn.ts'
import { localRunner } from '../hosts/local.ts'
import { withLab } from '../lab/build/up.ts'
import type { LabState } from '../lab/running/state.ts'
import { probesOn, sweepProbes } from '../probe/own/leftovers.ts'
import { needs } from '../test-needs.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'iperf3')
const BIN = fileURLToPath(new URL('../bin.js', import.meta.url))
const HERE = localRunner('here')

function words(lab: LabState, ...more: readonly string[]): readonly string[] {
  return [process.execPath, BIN, 'bench', '--inventory', lab.inventory, '--format', 'json', ...more]
}

async function bench(lab: LabState, ...more: readonly string[]) {
  const argv = words(lab, '--seconds', '1', '--rounds', '1', ...more)
  const { end, stdout, stderr } = await run(argv, { timeoutMs: 120_000 })
  return { exit: 'exit' in end ? end.exit : -1, stdout: Buffer.from(stdout).toString('utf8'), stderr }
}

function complete(t: ExecutionContext, throughput: Throughput): void {
  t.deepEqual(problemsOf(throughput), [])
  for (const pair of throughput.networks.flatMap(({ pairs }) => pairs)) {
    t.deepEqual(
      pair.ways.map(({ way }) => way),
      ['overlay', 'underlay'],
    )
    for (const { forward, reverse, idle } of pair.ways) {
      t.true(isMeasured(idle) && idle.received > 0 && idle.p50 <= idle.p99)
      for (const tcp of [forward, reverse]) t.true(isMeasured(tcp) && tcp.mbits > 0 && isMeasured(tcp.loaded))
    }
    t.true((pair.ratio.forward ?? 0) > 0 && (pair.ratio.reverse ?? 0) > 0)
  }
}

/** Tokens of what that process started and what still runs. */
async function startedBy(pid: number): Promise<readonly string[]> {
  return (await probesOn(HERE)).filter((token) => token.includes(`_${pid}_`))
}

/** Whether a process is an iperf3 that the bench of that pid started. */
function isItsIperf(pid: string, bench: number): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
    return readFileSync(`/proc/${pid}/comm`, 'latin1') === 'iperf3\n' && environment.includes(`_${bench}_`)
  } catch {
    return false // it has ended
  }
}

/** A bench whose server and client run, in the middle of a long measurement. */
async function begun(lab: LabState) {
  const made = await open(words(lab, '--seconds', '60'))
  const deadline = performance.now() + 60_000
  const running = (): number => readdirSync('/proc').filter((pid) => isItsIperf(pid, made.pid)).length
  while (running() < 2 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return made
}

live('containers, named pairs, and hosts without containers', async (t) => {
  await withLab({ hosts: 3, without: { h3: 'containers' } }, async (lab) => {
    const first = await bench(lab)
    t.is(first.exit, 0, first.stderr)
    const throughput = JSON.parse(first.stdout) as Throughput
    complete(t, throughput)
    t.like(throughput.networks[0], { backend: 'vxlan', network: '10.5.0.0/16' })
    t.deepEqual(throughput.networks[0]?.pairs[0]?.from, { host: 'h1', container: 'h1c1' })
    t.deepEqual(throughput.networks[0]?.pairs[0]?.to, { host: 'h2', container: 'h2c1' })
    t.regex(first.stderr, /h1\/h1c1 → h2\/h2c1, round 1 of 1, overlay →: \d+ Mbit\/s/)

    const named = await bench(lab, '--pair', 'h3', 'h1/h1c1', '--streams', '2')
    t.is(named.exit, 0, named.stderr)
    const figures = JSON.parse(named.stdout) as Throughput
    complete(t, figures)
    t.deepEqual(figures.networks[0]?.pairs[0]?.from, { host: 'h3' })

    const same = await bench(lab, '--pair', 'h1', 'h1/h1c1')
    t.is(same.exit, 2)
    t.regex(same.stderr, /both on h1/)
    t.is((await bench(lab, '--pair', 'h1', 'h9/c1')).exit, 2)
  })
})

live('a lost overlay is a reason beside the figures of the underlay', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const [h1, h2] = lab.hosts
    await run(['nsenter', `--net=/run/netns/${h1?.namespace}`, '--', 'ip', 'route', 'del', h2?.subnet ?? ''])
    const { exit, stdout } = await bench(lab)
    t.is(exit, 3)
    const ways = (JSON.parse(stdout) as Throughput).networks[0]?.pairs[0]?.ways ?? []
    t.deepEqual(
      ways.map(({ forward }) => isMeasured(forward)),
      [false, true],
    )
    t.regex(JSON.stringify(ways[0]), /iperf3: unable to connect to server/)
  })
})

live('interrupted it leaves nothing; killed, nothing after the next start', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const interrupted = await begun(lab)
    t.true((await startedBy(interrupted.pid)).length > 0)
    t.deepEqual(await interrupted.stop(60_000), { exit: 130 })
    t.deepEqual(await startedBy(interrupted.pid), [])

    const killed = await begun(lab)
    killGroup(killed.pid, 'SIGKILL')
    await killed.ended
    t.true((await startedBy(killed.pid)).length > 0)
    await sweepProbes([HERE])
    t.deepEqual(await startedBy(killed.pid), [])
  })
})
