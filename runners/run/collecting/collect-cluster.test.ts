import test from 'ava'
import { factsFromSections } from '../../collect/collect.ts'
import { parseInventory } from '../../inventory/parse.ts'
import { collectCluster } from './collect-cluster.ts'
import { areMany } from './many-hosts.ts'

const HOSTS = 16

test('of many hosts what they printed is packed: it says the same when a finding asks for it', async (t) => {
  t.true(areMany(HOSTS))
  const hosts = Array.from({ length: HOSTS }, (_, at) => ({ name: `h${at}`, via: 'local:' }))
  const etcd = { endpoints: ['http://127.0.0.1:9'] } // nobody listens: nothing is asked of it here
  const inventory = parseInventory(JSON.stringify({ etcd, hosts }), 'hosts.json')
  const signal = AbortSignal.timeout(120_000)
  const { hosts: collected, snapshot } = await collectCluster(inventory, { concurrency: 2, signal })
  t.is(snapshot.hosts.size, HOSTS)
  for (const { target, collected: raw } of collected) {
    t.true(raw.sections.length > 10)
    const parsedAgain = factsFromSections(target, raw.sections)
    for (const [name, fact] of Object.entries(snapshot.hosts.get(target.name)?.facts ?? {})) {
      const { raw: text, ...now } = fact
      const { raw: _, ...again } = parsedAgain.facts[name as keyof typeof parsedAgain.facts]
      t.deepEqual(now, again, name)
      t.is(text?.(), raw.sections.find((one) => one.name === name)?.stdout)
    }
  }
})
