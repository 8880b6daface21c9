/** One measurement with real iperf3 and ping, over loopback. */
import test from 'ava'
import { isMeasured } from '../../reports/throughput/throughput.ts'
import type { Runner } from '../hosts/command/runner.ts'
import { localRunner } from '../hosts/local.ts'
import { probesOn } from '../probe/own/leftovers.ts'
import { newProbeToken } from '../probe/own/probe-token.ts'
import { needs } from '../test-needs.ts'
import { openIperfServer } from './iperf-server.ts'
import { measureTcp, type TcpOptions, type Way } from './measure-tcp.ts'
import { pingSamples } from './round-trips.ts'
import type { Side } from './side.ts'

const live = needs(test, 'iperf3')
const OPTIONS: TcpOptions = { seconds: 1, streams: 2, reverse: false, signal: AbortSignal.timeout(60_000) }

function here(runner: Runner = localRunner('here')): Side {
  return { host: 'here', runner, token: newProbeToken() }
}

/** This machine without a program: its name stands for one that is not there. */
function lacking(program: string): Side {
  const runner = localRunner('here')
  const renamed = (argv: readonly string[]): readonly string[] =>
    argv.map((word) => (word === program ? `${program}-not-there` : word))
  return here({
    ...runner,
    run: (argv, options) => runner.run(renamed(argv), options),
    open: (argv, options) => runner.open(renamed(argv), options),
  })
}

function loopback(source: Side, target: Side): Way {
  return { kind: 'underlay', source, target, address: '127.0.0.1', bind: '127.0.0.1' }
}

for (const reverse of [false, true]) {
  live(`throughput and loaded round trips${reverse ? ', target sends' : ''}`, async (t) => {
    const [source, target] = [here(), here()]
    const reading = await measureTcp(loopback(source, target), { ...OPTIONS, reverse })
    if (!isMeasured(reading)) return t.fail(reading.problem)
    t.true(reading.mbits > 0)
    t.true((reading.senderCpu ?? 0) > 0)
    t.true(isMeasured(reading.loaded) && reading.loaded.times.length > 0)
    const left = await probesOn(source.runner)
    t.false(left.includes(source.token) || left.includes(target.token))
  })
}

live('a program that is not there is named with its package', async (t) => {
  const install = 'is not installed on here: install the package'
  const [whole, without] = [here(), lacking('iperf3')]
  t.deepEqual(await measureTcp(loopback(whole, without), OPTIONS), {
    problem: `iperf3 ${install} iperf3 there`,
  })
  t.deepEqual(await measureTcp(loopback(without, whole), OPTIONS), {
    problem: `iperf3 ${install} iperf3 there`,
  })
  const pace = { count: 1, interval: 0.2, signal: OPTIONS.signal }
  t.deepEqual(await pingSamples(lacking('ping'), '127.0.0.1', pace), {
    problem: `ping ${install} iputils-ping there`,
  })
  const reading = await measureTcp(loopback(lacking('ping'), whole), OPTIONS)
  t.true(isMeasured(reading) && !isMeasured(reading.loaded))
})

live('an address that is not its own, and a server that is gone', async (t) => {
  const elsewhere = { ...loopback(here(), here()), bind: '192.0.2.77' }
  const refused = await measureTcp(elsewhere, OPTIONS)
  t.regex('problem' in refused ? refused.problem : '', /exit 1: .*Cannot assign requested address/)
  const unreached = await measureTcp({ ...loopback(here(), here()), address: '127.0.0.2' }, OPTIONS)
  t.deepEqual(unreached, { problem: 'iperf3: unable to connect to server: Connection refused' })
})

live('two servers of one address get ports of their own, and end when they are stopped', async (t) => {
  const side = here()
  const servers = await Promise.all([0, 1].map(() => openIperfServer(side, '127.0.0.1', OPTIONS.signal)))
  const ports = servers.map((server) => (isMeasured(server) ? server.port : 0))
  t.is(new Set(ports).size, 2)
  t.true((await probesOn(side.runner)).includes(side.token))
  for (const server of servers) if (isMeasured(server)) await server.stop()
  t.false((await probesOn(side.runner)).includes(side.token))
})

live('an interrupted measurement says so and leaves nothing', async (t) => {
  const [source, target] = [here(), here()]
  const signal = AbortSignal.timeout(700)
  const reading = await measureTcp(loopback(source, target), { ...OPTIONS, seconds: 20, signal })
  t.deepEqual(reading, { problem: 'iperf3 on here was interrupted' })
  const left = await probesOn(source.runner)
  t.false(left.includes(source.token) || left.includes(target.token))
})
