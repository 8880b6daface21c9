/** `trace`: where does this ping die, and why. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exitCode } from '../../../reports/exit-code.ts'
import type { Report } from '../../../reports/report.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { type CollectedCluster, collectCluster } from '../../run/collect-cluster.ts'
import { interruption } from '../../run/interruption.ts'
import { runFacts } from '../../run/run-facts.ts'
import { sweepHosts } from '../../run/sweep.ts'
import type { CaptureProof } from '../../run/trace-cluster.ts'
import { judgeSettings } from '../options/judging.ts'
import { type Flags, outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport } from '../options/output.ts'
import { inventoryOf, sessionSettings } from '../options/run-flags.ts'

/** Who pings whom, as typed. */
export interface TraceEnds {
  readonly source: string
  readonly target: string
}

/** Below the folder of a saved state, beside its hosts. */
const CAPTURES = 'captures'

/** `h1_h1c1_eth0.pcap`; of a larger ping followed as well `h1_h1c1_eth0_1450-bytes.pcap`. */
function captureName({ host, container, link, size }: CaptureProof): string {
  const words = [host, container, link, size === undefined ? undefined : `${size}-bytes`]
  const safe = words.flatMap((word) =>
    word === undefined ? [] : [word.replace(/[^\w.@-]/g, '_').slice(0, 64)],
  )
  return `${safe.join('_')}.pcap`
}

async function save(
  dir: string,
  collected: CollectedCluster,
  proofs: readonly CaptureProof[],
): Promise<void> {
  const { saveCluster } = await import('../../run/saved-cluster.ts')
  await saveCluster(dir, collected)
  await mkdir(join(dir, CAPTURES), { recursive: true })
  for (const proof of proofs) await writeFile(join(dir, CAPTURES, captureName(proof)), proof.pcap)
}

/** Collects, follows one ping, judges. Throws InputError for ends that are not in the network. */
export async function traceInventory(
  inventory: Inventory,
  ends: TraceEnds,
  { flags, around }: { readonly flags: Flags; readonly around: Surroundings },
): Promise<Report> {
  const settings = judgeSettings(flags)
  const { only, skip } = settings.selection
  // A wrong selection is refused before anything is collected; without one the checks load while hosts answer.
  if (only.length + skip.length > 0) (await import('../../run/judge.ts')).verifySelection(settings.selection)
  const session = sessionSettings(flags, around)
  const startedAt = Date.now()
  const collecting = Promise.all([collectCluster(inventory, session), sweepHosts(inventory)])
  collecting.catch(() => {}) // awaited below; until then a failure must not count as unheard
  const { resolvePair, tracePing } = await import('../../run/trace-cluster.ts')
  const { judge } = await import('../../run/judge.ts')
  const [collected] = await collecting
  const { snapshot } = collected
  const pair = resolvePair(snapshot, ends.source, ends.target)
  const intrude = flags.intrude === true
  const { traces, loss, proofs, commands } = await tracePing(
    snapshot,
    { pair, inventory },
    { intrude, signal: session.signal, ...(typeof flags.size === 'number' && { size: flags.size }) },
  )
  if (typeof flags.save === 'string') await save(flags.save, collected, proofs)
  const interrupted = interruption(session.signal)
  const run = runFacts(startedAt, {
    level: intrude ? 'intrude' : 'capture',
    ...(interrupted !== undefined && { interrupted }),
  })
  const facts = { run, commands: [...collected.commands, ...commands], traces, ...(loss && { loss }) }
  return judge(snapshot, facts, settings)
}

/** The trace command. Throws InputError for wrong flags, a wrong inventory, or ends that are not in the network. */
export async function trace(ends: TraceEnds, flags: Flags, around: Surroundings): Promise<CommandOutput> {
  const report = await traceInventory(await inventoryOf(flags, around), ends, { flags, around })
  const rendered = await renderReport(report, outputOptions(flags, around))
  return { ...rendered, exit: exitCode(report) }
}
