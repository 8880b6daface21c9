/** `trace`: where this ping is lost, and why. */

import { present } from '../../../checks/model/present.ts'
import { exitCode } from '../../../reports/document/exit-code.ts'
import { judgeSettings, runInventory } from '../../run/run-inventory.ts'
import { keeping, tracing } from '../../run/steps/steps.ts'
import type { TraceRequest } from '../../run/steps/trace-cluster.ts'
import type { TraceFlags } from '../options/flags.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport, verifyFormats } from '../options/output.ts'
import { pluginsOf } from '../options/plugin-flags.ts'
import { collectionSettings, inventoryOf } from '../options/run-flags.ts'

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
  const plugins = await pluginsOf(flags)
  const output = { ...outputOptions(flags, around), reporters: plugins.reporters }
  await verifyFormats(output)
  const request = {
    ...ends,
    intrude: flags.intrude === true,
    ...present({ size: flags.size, packet: packetOf(flags) }),
  }
  const { report } = await runInventory(await inventoryOf(flags, around), {
    collection: { ...collectionSettings(flags, around), facts: plugins.facts },
    judging: judgeSettings({ ...flags, plugins }),
    steps: [tracing(request), ...keeping(flags)],
  })
  return renderReport(report, output, exitCode(report))
}
