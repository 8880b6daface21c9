/** `--redact`: what was collected and seen, under other addresses and names. */
import { present } from '../../../checks/model/present.ts'
import { redactState } from '../../collect/saved/redact/redact-state.ts'
import { savedReading } from '../../datastore/saved-reading.ts'
import type { CollectedCluster, CollectionSettings } from '../collecting/collect-cluster.ts'
import { clusterOfState, stateOf } from './saved-cluster.ts'

/** The same cluster as strangers may read it; commands are told with their words replaced as well. */
export async function redactedCluster(
  collected: CollectedCluster,
  { facts = [] }: Pick<CollectionSettings, 'facts'> = {},
): Promise<CollectedCluster> {
  const { state, text } = redactState(stateOf(collected))
  const { snapshot } = await clusterOfState(state, 'what was collected', { facts })
  const hosts = collected.hosts.map((host, at) => {
    const saved = state.hosts[at] ?? { name: '', via: '', sections: [] }
    const { name, via, sections, settings = host.settings } = saved
    const own = snapshot.hosts.get(name) ?? host.snapshot
    return { target: { name, via }, settings, collected: { sections, commands: [] }, snapshot: own }
  })
  return {
    hosts,
    reading: savedReading(state.datastore, 'datastore.json'),
    snapshot: { ...snapshot, window: collected.snapshot.window },
    ...present({ redacted: state.meta.redacted }),
    commands: collected.commands.map((command) => ({
      ...command,
      host: text(command.host),
      argv: command.argv.map(text),
      end: text(command.end),
    })),
  }
}
