/** `check --probe` of one host of three: the leases name the others, and they are pinged. */
import { readFileSync, writeFileSync } from 'node:fs'
import test from 'ava'
import { loadInventory } from '../inventory/inventory.ts'
import { withLab } from '../lab/build/up.ts'
import { labExec } from '../lab/running/exec.ts'
import type { LabState } from '../lab/running/state.ts'
import { runInventory } from '../run/run-inventory.ts'
import { probing } from '../run/steps/steps.ts'
import { needs } from '../test-needs.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

/** The inventory with its first host only. */
function ofFirstHost({ inventory }: LabState): string {
  const path = `${inventory}.first.yaml`
  const text = readFileSync(inventory, 'utf8')
  const second = text.indexOf('  - name: h2')
  writeFileSync(path, text.slice(0, second))
  return path
}

async function checked(lab: LabState) {
  const collection = { concurrency: 8, signal: AbortSignal.timeout(60_000) }
  return (await runInventory(await loadInventory(ofFirstHost(lab)), { collection, steps: [probing()] }))
    .report
}

async function sh(lab: LabState, at: string, script: string): Promise<void> {
  const { end, stderr } = await labExec(lab, at, { argv: ['sh', '-c', script] })
  if (!('exit' in end) || end.exit !== 0) throw new Error(stderr)
}

const findings = ({ results }: Awaited<ReturnType<typeof checked>>): readonly string[] =>
  results
    .filter(({ check }) => check === 'dataplane/lease-ping')
    .flatMap((result) => result.findings)
    .map(({ code, subject: { host, peer } }) => `${code.split(':')[1]} ${host} ${peer}`)

live(
  'a healthy network, one whose overlay is dropped between the hosts, and one whose peer has no bridge',
  async (t) => {
    await withLab({ hosts: 3 }, async (lab) => {
      const healthy = await checked(lab)
      t.deepEqual(findings(healthy), [])
      const pings = healthy.observations.filter((one) => one.kind === 'ping')
      t.is(pings.length, 6)
      t.true(pings.every((ping) => ping.kind === 'ping' && ping.received > 0 && ping.to.lease !== undefined))
      const [, , last] = lab.hosts
      await sh(lab, 'h3', 'ip addr flush dev docker0')
      t.deepEqual(findings(await checked(lab)), [`bridge-silent h1 ${last?.address}`])
      await sh(
        lab,
        'switch',
        "nft 'table bridge own { chain c { type filter hook forward priority 0; udp dport 8472 drop; }; }'",
      )
      const dropped = await checked(lab)
      t.is(dropped.verdict, 'broken')
      t.deepEqual(
        findings(dropped).toSorted(),
        lab.hosts
          .slice(1)
          .map(({ address }) => `lost h1 ${address}`)
          .toSorted(),
      )
    })
  },
)
