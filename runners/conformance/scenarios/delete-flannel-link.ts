/** Somebody deletes the VTEP that flannel made. */
import { after, awaitSeen } from './await-seen.ts'
import { onEveryHost } from './on-every-host.ts'
import { factValue, isFlannelLink, missingEntries, peerOf } from './peer-entries.ts'
import { defineScenario, type Equipped, ScenarioError } from './scenario.ts'
import { hostIn, lostLines, ownLease, pathLines } from './written-state.ts'

/** v0.27.4 and later are told of it by the kernel. */
const REPAIR_MS = 10_000
const SETTLE_MS = 15_000

async function vtepOf(scene: Equipped<'commands'>): Promise<string | undefined> {
  const { links } = (await scene.lookAt(scene.victim)).facts
  return factValue(links).find(({ name }) => isFlannelLink(name))?.name
}

export const deleteFlannelLink = defineScenario({
  name: 'delete-flannel-link',
  needs: ['commands', 'flanneld'],
  backends: ['vxlan'],
  run: async (scene) => {
    const { victim, control } = scene
    const before = await scene.look()
    const { network } = factValue(before.datastore.config)
    const link = await vtepOf(scene)
    if (link === undefined) throw new ScenarioError(`${victim} has no VTEP`)
    const { ok, stderr } = await control.commands.run(victim, ['ip', 'link', 'del', link])
    if (!ok) throw new ScenarioError(`${link} could not be deleted: ${stderr.trim()}`)
    const made = await awaitSeen(scene, REPAIR_MS, async () =>
      (await vtepOf(scene)) === undefined
        ? `${victim} has no ${link} ${REPAIR_MS / 1000} s after it was deleted`
        : undefined,
    )
    scene.saw(
      'FL-RES-14',
      made.missing === undefined,
      made.missing ?? `flanneld made ${link} again ${after(made)}`,
    )
    await control.flanneld.end(victim, 'SIGTERM')
    await control.flanneld.start(victim)
    // A new link has a new MAC and nothing of peers that are gone.
    const lines = pathLines(hostIn(before, victim), network).filter((line) => line.startsWith('address '))
    const peers = scene.hosts.filter((host) => host !== victim).map((host) => peerOf(ownLease(before, host)))
    const rebuilt = await awaitSeen(scene, SETTLE_MS, async () => {
      const lost = lostLines(lines, pathLines(await scene.lookAt(victim), network))
      return lost ?? onEveryHost({ hosts: peers }, (peer) => missingEntries(scene, victim, peer))
    })
    const all = `a restart of flanneld rebuilt ${link} with its address and the entries for all ${peers.length} peers ${after(rebuilt)}`
    scene.saw('FL-RES-13', rebuilt.missing === undefined, rebuilt.missing ?? all)
  },
})
