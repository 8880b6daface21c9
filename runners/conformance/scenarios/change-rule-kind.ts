/** flanneld of a node starts with nftables in place of iptables, and with iptables again. */
import { after, awaitSeen } from './await-seen.ts'
import { overlayPath, pingAlong } from './overlay-path.ts'
import { factValue } from './peer-entries.ts'
import { defineScenario, type Equipped, ScenarioError } from './scenario.ts'
import { ruleLines } from './written-state.ts'

/** Where flannel's manifest puts the configuration; its pod reads it there. */
const FILE = '/etc/kube-flannel/net-conf.json'
const SETTLE_MS = 20_000

type Scenery = Equipped<'cluster' | 'commands' | 'flanneld'>

async function onVictim({ control, victim }: Scenery, argv: readonly string[]): Promise<string> {
  const { ok, stdout, stderr } = await control.commands.run(victim, argv)
  if (!ok) throw new ScenarioError(`${FILE} of ${victim}: ${stderr.trim()}`)
  return stdout
}

/** Starts flanneld with that configuration. */
async function startWith(scene: Scenery, text: string): Promise<void> {
  const { control, victim } = scene
  await control.flanneld.end(victim, 'SIGTERM')
  await onVictim(scene, ['sh', '-c', 'printf %s "$1" >"$2"', 'sh', text, FILE])
  await control.flanneld.start(victim)
}

/** How a line of a rule that iptables, or nft, shows begins. */
type Kind = 'rule' | 'nft'

async function sawOther(scene: Scenery, was: Kind): Promise<void> {
  const { victim, peer } = scene
  const before = await scene.look()
  const { network } = factValue(before.datastore.config)
  const lines = async (kind: Kind): Promise<readonly string[]> =>
    ruleLines(await scene.lookAt(victim), network).filter((line) => line.startsWith(`${kind} `))
  const came = await awaitSeen(scene, SETTLE_MS, async () =>
    (await lines(was === 'rule' ? 'nft' : 'rule')).length > 0
      ? undefined
      : `${victim} has no rule of the new kind`,
  )
  const answer = await pingAlong(scene, overlayPath(before, victim, peer))
  const seen = came.missing ?? `${victim} has its rules of the new kind ${after(came)}, and ${answer.said}`
  scene.saw('FL-KUBE-34', came.missing === undefined && answer.isWhole, seen)
  const left = await lines(was)
  const some = `${left.length} rules of the former kind are left: ${left.slice(0, 2).join(', ')}`
  scene.saw('FL-KUBE-35', left.length > 0, left.length > 0 ? some : 'no rule of the former kind is left')
}

export const changeRuleKind = defineScenario({
  name: 'change-rule-kind',
  needs: ['cluster', 'commands', 'flanneld'],
  run: async (scene) => {
    const text = await onVictim(scene, ['cat', FILE])
    const config = JSON.parse(text) as { readonly EnableNFTables?: boolean }
    const isNative = config.EnableNFTables === true
    try {
      await startWith(scene, JSON.stringify({ ...config, EnableNFTables: !isNative }))
      await sawOther(scene, isNative ? 'nft' : 'rule')
    } finally {
      await startWith(scene, text)
    }
  },
})
