/** What a trace costs: the verdict on a broken pair, the start of its taps, and the traffic beside it. */
import { fileURLToPath } from 'node:url'
import type { Report } from '../../reports/document/report.ts'
import { run } from '../hosts/command/spawn.ts'
import { withLab } from '../lab/build/up.ts'
import type { LabState } from '../lab/running/state.ts'
import { DEFAULT_TUNNEL_PORTS } from '../probe/capture/decoding.ts'
import { newProbeIdentity } from '../probe/capture/probe-identity.ts'
import { startTaps } from '../probe/capture/taps.ts'
import { startDropWatch } from '../probe/kernel/drop-reasons.ts'
import { type LabPath, pathOf, tappedPing } from '../probe/kernel/path-for-tests.ts'
import { SYSTEM_PATH } from '../probe/own/guarded-command.ts'
import { commandPath } from '../setup/search-path.js'
import { median, rangeText, skipped } from './measure.ts'

const ROUNDS = 9
const BIN = fileURLToPath(new URL('../bin.js', import.meta.url))
/** An unusual size of payload, so that the kernel's watch has little else to write down. */
const ODD_SIZE = 173

async function traceBroken(lab: LabState): Promise<{ readonly total: number; readonly waiting: number }> {
  const argv = ['trace', 'h1/h1c1', 'h2/h2c1', '--inventory', lab.inventory, '--format', 'json']
  const { end, stdout, stderr, ms } = await run([process.execPath, BIN, ...argv], { timeoutMs: 60_000 })
  if (!('exit' in end) || end.exit !== 1) throw new Error(`trace of a broken pair: ${stderr}`)
  const { commands } = JSON.parse(Buffer.from(stdout).toString('utf8')) as Report
  return { total: ms, waiting: commands.at(-1)?.ms ?? 0 } // the ping is the last command of a trace
}

async function nft(path: LabPath, words: readonly string[]): Promise<void> {
  const { end, stderr } = await path.hosts[1].run(['env', `PATH=${SYSTEM_PATH}`, 'nft', ...words])
  if (!('exit' in end) || end.exit !== 0) throw new Error(`nft: ${stderr}`)
}

async function benchVerdict(lab: LabState, path: LabPath): Promise<void> {
  const eat = 'table ip eat { chain c { type filter hook forward priority 10; ip protocol icmp drop; }; }'
  await nft(path, [eat])
  const runs: { total: number; waiting: number }[] = []
  for (let index = 0; index < ROUNDS; index++) runs.push(await traceBroken(lab))
  await nft(path, ['delete', 'table', 'ip', 'eat'])
  const totals = runs.map(({ total }) => total / 1000)
  const waiting = median(runs.map((one) => one.waiting / 1000))
  console.log(
    `verdict on a broken pair: ${median(totals).toFixed(2)} s, of which ${waiting.toFixed(2)} s waiting for the ping (${rangeText(totals, 2)}; aim at most 2 s)`,
  )
}

async function benchTaps(path: LabPath): Promise<void> {
  const ready: number[] = []
  for (let index = 0; index < ROUNDS; index++) ready.push((await tappedPing(path)).readyMs)
  console.log(
    `${path.points.length} taps, up to ready: ${median(ready).toFixed(0)} ms (${rangeText(ready, 0)}; aim at most 100 ms)`,
  )
}

/** Bits per second of one TCP stream between the containers, for two seconds. */
async function throughput(path: LabPath): Promise<number> {
  const server = await path.containers[1].open(['iperf3', '-s', '-1', '--forceflush'])
  for await (const chunk of server.stdout) if (Buffer.from(chunk).includes('listening')) break
  const client = await path.containers[0].run(['iperf3', '-c', path.addresses[1], '-t', '2', '-J'], {
    timeoutMs: 20_000,
  })
  await server.stop()
  const { end, error } = JSON.parse(Buffer.from(client.stdout).toString('utf8'))
  if (error !== undefined) throw new Error(`iperf3: ${error}`)
  return end.sum_received.bits_per_second as number
}

async function tracedThroughput(path: LabPath): Promise<number> {
  const watch = { probes: [newProbeIdentity()], ports: DEFAULT_TUNNEL_PORTS, addresses: path.addresses }
  const [taps, drops] = await Promise.all([
    startTaps(path.points, watch),
    startDropWatch(path.hosts[0], ODD_SIZE),
  ])
  try {
    return await throughput(path)
  } finally {
    await Promise.all([taps.stop(), drops.stop()])
  }
}

async function benchTraffic(path: LabPath): Promise<void> {
  const what = 'TCP through the overlay while it is traced, beside untraced'
  if (commandPath('iperf3') === undefined) return skipped(what, 'iperf3 is not installed')
  const pairs: { traced: number; plain: number }[] = []
  for (let index = 0; index < 5; index++)
    pairs.push({ plain: await throughput(path), traced: await tracedThroughput(path) })
  const ratios = pairs.map(({ traced, plain }) => traced / plain)
  const [traced, plain] = [median(pairs.map((one) => one.traced)), median(pairs.map((one) => one.plain))]
  console.log(
    `${what}: ${median(ratios).toFixed(2)} (${rangeText(ratios, 2)}; ${(traced / 1e9).toFixed(1)} Gbit/s beside ${(plain / 1e9).toFixed(1)})`,
  )
}

/** Prints the costs of a trace, on a lab of its own. */
export async function benchTrace(): Promise<void> {
  await withLab({ hosts: 2 }, async (lab) => {
    const path = pathOf(lab)
    await benchVerdict(lab, path)
    await benchTaps(path)
    await benchTraffic(path)
  })
}
