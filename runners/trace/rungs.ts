/** The evidence of one ping: taps, kernel drops, counters and rule trace around it, each as far as a host allows. */
import type { TapPoint, TraceObservation } from '../../checks/model/trace-observation.ts'
import type { CommandRecord } from '../collect/collect.ts'
import type { Runner } from '../hosts/command/runner.ts'
import { startTaps } from '../probe/capture/taps.ts'
import { counterDeltas } from '../probe/kernel/counter-deltas.ts'
import { type Counters, readCounters } from '../probe/kernel/counters.ts'
import { startDropWatch } from '../probe/kernel/drop-reasons.ts'
import { startRuleTrace } from '../probe/kernel/rule-trace.ts'
import { followedPacket, sendProbe, watchedSizes } from './sent-probe.ts'
import { tapObservation } from './tap-observation.ts'
import { endRunners, onePerKernel, ruledNetworks, runnerAt, type TracedPing } from './traced-ping.ts'

/** What was seen of one packet, with the captures that show it and the commands that were run. */
export interface RungReports {
  readonly seen: Pick<
    TraceObservation,
    'ping' | 'packet' | 'taps' | 'drops' | 'rules' | 'counters' | 'missing'
  >
  /** In the order of the taps; a tap that saw nothing has no capture. */
  readonly captures: readonly { readonly place: TapPoint; readonly pcap: Uint8Array }[]
  readonly commands: readonly CommandRecord[]
}

async function countersOf(runner: Runner): Promise<Counters | string> {
  try {
    return await readCounters(runner)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function startRules(traced: TracedPing) {
  if (!traced.intrude) return []
  const { probe, ports, pair, signal } = traced
  return Promise.all(
    ruledNetworks(traced).map(async ({ host, report: runner }) => {
      return {
        host,
        report: await startRuleTrace(runner, { ...probe, to: pair.to.address, ports }, signal),
      }
    }),
  )
}

async function openTaps(traced: TracedPing) {
  const { places, probe, ports, pair, signal } = traced
  const tapped = places.flatMap((place) => {
    const runner = runnerAt(traced, place)
    return runner === undefined
      ? []
      : [{ place, point: { runner, host: place.host, link: place.link, stage: place.stage } }]
  })
  const watch = { probes: [probe], ports, addresses: [pair.from.address, pair.to.address] }
  const taps = await startTaps(
    tapped.map(({ point }) => point),
    watch,
    signal,
  )
  return async () =>
    (await taps.stop()).map((report, index) => ({ place: tapped[index]?.place as TapPoint, report }))
}

function countersGrown(
  hosts: readonly Runner[],
  before: readonly (Counters | string)[],
  after: readonly (Counters | string)[],
): Pick<TraceObservation, 'counters' | 'missing'> {
  const counters: TraceObservation['counters'][number][] = []
  const missing: TraceObservation['missing'][number][] = []
  for (const [index, { host }] of hosts.entries()) {
    const [early = 'not read', late = 'not read'] = [before[index], after[index]]
    const problem = [early, late].find((one) => typeof one === 'string')
    if (typeof early === 'string' || typeof late === 'string')
      missing.push({ rung: 'counters', host, reason: problem ?? '' })
    else counters.push({ host, deltas: counterDeltas(early, late) })
  }
  return { counters, missing }
}

/** Sets up every rung, sends the ping, ends every rung. Never rejects for a host's sake. */
export async function climb(traced: TracedPing): Promise<RungReports> {
  const ends = endRunners(traced)
  const kernels = onePerKernel(ends)
  const [stopTaps, watches, rules] = await Promise.all([
    openTaps(traced),
    Promise.all(kernels.map((runner) => startDropWatch(runner, ...watchedSizes(traced)))),
    startRules(traced),
  ])
  // Read between the taps' controls: flannel links drop those, and count it.
  const before = await Promise.all(ends.map(countersOf))
  const { ping, answer, commands } = await sendProbe(traced)
  const after = await Promise.all(ends.map(countersOf))
  const [taps, drops, ruleReports] = await Promise.all([
    stopTaps(),
    Promise.all(watches.map((watch) => watch.stop())),
    Promise.all(rules.map(async ({ host, report }) => ({ host, report: await report.stop() }))),
  ])
  const { counters, missing } = countersGrown(ends, before, after)
  return {
    seen: {
      ping,
      ...followedPacket(traced, answer),
      taps: taps.map(({ place, report }) => tapObservation(place, report)),
      drops: drops.map((report, index) => ({ host: kernels[index]?.host ?? '', ...report })),
      rules: ruleReports.map(({ host, report: { steps: _, ...report } }) => ({ host, ...report })),
      counters,
      missing: [
        ...missing,
        ...watches.flatMap(({ problem }, index) =>
          problem === undefined
            ? []
            : [{ rung: 'tracefs' as const, host: kernels[index]?.host ?? '', reason: problem }],
        ),
        ...rules.flatMap(({ host, report }) =>
          report.problem === undefined ? [] : [{ rung: 'nft-trace' as const, host, reason: report.problem }],
        ),
      ],
    },
    captures: taps.flatMap(({ place, report: { proof } }) =>
      proof === undefined ? [] : [{ place, pcap: proof }],
    ),
    commands,
  }
}
