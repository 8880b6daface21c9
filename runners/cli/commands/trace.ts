/** `trace`: where this ping is lost, and why. */

import { present } from '../../../checks/model/present.ts'
import { exitCode } from '../../../reports/exit-code.ts'
import { runInventory } from '../../run/run-inventory.ts'
import { redacting, saving, tracing } from '../../run/steps.ts'
import type { TraceRequest } from '../../run/trace-cluster.ts'
import type { TraceFlags } from '../options/flags.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport, verifyFormats, withoutWords } from '../options/output.ts'
import { collectionSettings, inventoryOf, judgeSettings } from '../options/run-flags.ts'

function packetOf({ tcp, udp }: TraceFlags): TraceRequest['packet'] {
  if (tcp !== undefined) return { protocol: 'tcp', destinationPort: tcp }
  return udp === undefined ? undefined : { protocol: 'udp', destinationPort: udp }
}

/** The trace command. Throws InputError for wrong flags, a wrong inventory, or ends that are not in the network. */
export async function trace(
  ends: Pick<TraceRequest, 'source' | 'target'>,
  flags: TraceFlags,
  around: Surroundings,
): Promise<CommandOutput> {
  const output = outputOptions(flags, around)
  await verifyFormats(output)
  const { size, save, redact } = flags
  const request = { ...ends, intrude: flags.intrude === true, ...present({ size, packet: packetOf(flags) }) }
  const { report } = await runInventory(await inventoryOf(flags, around), {
    collection: collectionSettings(flags, around),
    judging: judgeSettings(flags),
    steps: [
      tracing(request),
      ...(redact ? [redacting()] : []),
      ...(save === undefined ? [] : [saving(save)]),
    ],
  })
  return renderReport(redact ? withoutWords(report) : report, output, exitCode(report))
}
