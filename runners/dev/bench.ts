/**
 * `npm run bench`: what the tool costs beside what it must at least cost. Every figure is a
 * ratio of two things measured in turn in one run, so that a slow machine slows both; the
 * median of the pairs is printed with the least and the greatest.
 */
import { collectHost } from '../collect/collect.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import { loadInventory } from '../inventory/inventory.ts'
import { withLab } from '../lab/build/up.ts'
import { settingsOf } from '../run/collecting/collect-cluster.ts'
import { bareScript } from './bare-script.ts'
import { benchDecode } from './bench-decode.ts'
import { benchKubernetes } from './bench-kubernetes.ts'
import { benchMesh } from './bench-mesh.ts'
import { benchPage } from './bench-page.ts'
import { benchReplay } from './bench-replay.ts'
import { benchTrace } from './bench-trace.ts'
import { builtPackage } from './built-package.ts'
import { command, compare, median, millisecondsOf, rangeText, type Timed } from './measure.ts'

const NODE = process.execPath
/** What users install: a checkout loads its modules one by one. */
const BIN = await builtPackage()

async function benchLab(): Promise<void> {
  const ready: number[] = []
  for (let index = 0; index < 5; index++)
    await withLab({ hosts: 3 }, async (lab) => void ready.push(lab.readyMs))
  const seconds = ready.map((ms) => ms / 1000)
  console.log(
    `lab of 3 hosts, up to ready: ${median(seconds).toFixed(2)} s (${rangeText(seconds, 2)}; aim at most 2.5 s)`,
  )
}

const emptyNode: Timed = () => command([NODE, '-e', '0'])

await compare('--help beside an empty node process', {
  ours: () => command([NODE, BIN, '--help']),
  base: emptyNode,
  aim: 1.3,
})
await withLab({ hosts: 3 }, async (lab) => {
  const [host] = (await loadInventory(lab.inventory)).hosts
  if (host === undefined) throw new Error('the lab has no host')
  const settings = settingsOf(host)
  const runner = makeRunner(host.name, host.via)
  const script = bareScript(settings)
  const batch: Timed = async () => (await runner.run(['sh', '-s'], { stdin: script })).ms
  await compare('collecting one host beside the bare batch', {
    ours: () => millisecondsOf(() => collectHost(runner, settings)),
    base: batch,
    aim: 1.15,
  })
  await compare('whole check of one host beside the bare batch and an empty node process', {
    ours: () => command([NODE, BIN, 'check', '--inventory', lab.inventory, '--host', host.via]),
    base: async () => (await batch()) + (await emptyNode()),
    aim: 2,
  })
})
await benchLab()
await benchTrace()
await benchMesh()
await benchDecode()
await benchKubernetes()
await benchPage()
await benchReplay(BIN)
