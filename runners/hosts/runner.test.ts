/** One contract for every runner that works here. */

import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { collectHost, factsFromSections } from '../collect/collect.ts'
import { FACT_COLLECTORS } from '../collect/facts/index.ts'
import { replayRunner } from '../collect/saved/replay.ts'
import { needs } from '../test-needs.ts'
import { type Runner, RunnerError } from './command/runner.ts'
import { open, run } from './command/spawn.ts'
import { localRunner } from './local.ts'
import { netnsRunner } from './netns.ts'

/** What every runner promises: one process for a collection, facts of the host, no throw for a missing command. */
async function fulfilsContract(t: ExecutionContext, runner: Runner): Promise<void> {
  const { sections, commands, problem } = await collectHost(runner)
  t.is(problem, undefined)
  t.is(commands.length, 1)
  const { facts } = factsFromSections({ name: runner.host, via: runner.via }, sections)
  t.true(facts.kernel.known)
  t.true(facts.links.known && facts.links.value.some(({ name }) => name === 'lo'))
  t.true(facts.sysctls.known && facts.sysctls.value.get('net.ipv4.conf.lo.rp_filter') !== undefined)
  t.is(Object.keys(facts).length, FACT_COLLECTORS.length)
  const missing = await runner.run(['flannel-doctor-no-such-command']).catch((error: unknown) => error)
  if (missing instanceof RunnerError) t.is(missing.problem, 'not-installed')
  else t.like(missing, { end: { exit: 127 } })
  await runner.close()
}

test('contract: local', (t) => fulfilsContract(t, localRunner('here')))

test('contract: replay of what the local runner collected', async (t) => {
  const live = await collectHost(localRunner('here'))
  const host = { name: 'here', via: 'local:', sections: live.sections }
  await fulfilsContract(t, replayRunner(host))
  const again = await collectHost(replayRunner(host))
  const facts = (sections: typeof live.sections) =>
    Object.entries(factsFromSections(host, sections).facts).map(([name, { raw, ...fact }]) => ({
      name,
      fact,
      text: raw?.(),
    }))
  t.deepEqual(facts(again.sections), facts(live.sections))
})

/** A fresh namespace whose name no other run has; removed again whatever happens. */
async function inNamespace(work: (name: string) => Promise<void>): Promise<void> {
  const name = `fdt-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
  await run(['ip', 'netns', 'add', name])
  try {
    await run(['ip', '-n', name, 'link', 'set', 'lo', 'up'])
    await work(name)
  } finally {
    await run(['ip', 'netns', 'del', name])
  }
}

needs(test, 'netns')('contract: netns', (t) =>
  inNamespace((name) => fulfilsContract(t, netnsRunner('h1', name))),
)

needs(test, 'netns')('a namespace shows its own network and the processes in it', (t) =>
  inNamespace(async (name) => {
    const runner = netnsRunner('h1', name)
    await run(['ip', '-n', name, 'link', 'add', 'br.test', 'type', 'bridge'])
    await run(['ip', '-n', name, 'addr', 'add', '10.250.9.1/24', 'dev', 'br.test'])
    const { sections } = await collectHost(runner)
    const { facts } = factsFromSections({ name: 'h1', via: runner.via }, sections)
    t.true(
      facts.links.known &&
        facts.links.value.some((link) => link.name === 'br.test' && link.kind === 'bridge'),
    )
    t.true(facts.addresses.known && facts.addresses.value.some(({ address }) => address === '10.250.9.1'))
    t.true(facts.sysctls.known && facts.sysctls.value.has('net.ipv4.conf.br.test.forwarding'))
    t.deepEqual(facts.flanneld.known && facts.flanneld.value.processes, [])
    t.false(facts.docker.known && facts.docker.value.running)
  }),
)

needs(test, 'netns')('a container is found through the veth port of a bridge', (t) =>
  inNamespace((host) =>
    inNamespace(async (inside) => {
      await run(['ip', '-n', host, 'link', 'add', 'br0', 'type', 'bridge'])
      await run([
        'ip',
        '-n',
        host,
        'link',
        'add',
        'port',
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'netns',
        inside,
      ])
      await run(['ip', '-n', host, 'link', 'set', 'port', 'master', 'br0', 'up'])
      await run(['ip', '-n', inside, 'link', 'set', 'eth0', 'mtu', '1450', 'up'])
      await run(['ip', '-n', inside, 'addr', 'add', '10.1.7.2/24', 'dev', 'eth0'])
      await run(['ip', '-n', inside, 'route', 'add', 'default', 'via', '10.1.7.1'])
      const expected = {
        links: [{ name: 'eth0', mtu: 1450 }],
        addresses: [{ address: '10.1.7.2', length: 24 }],
      }
      const containersOf = async (settings?: Parameters<typeof collectHost>[1]) => {
        const { sections } = await collectHost(netnsRunner('h1', host), settings)
        const { containers } = factsFromSections({ name: 'h1', via: '' }, sections).facts
        return containers.known ? containers.value.filter(({ problem }) => problem === undefined) : []
      }
      const [found, ...others] = await containersOf()
      t.deepEqual(others, [])
      t.like(found, { name: inside, foundBy: 'proc', gateway: '10.1.7.1', ...expected })
      const [named] = await containersOf({ containers: [{ name: 'c1', namespace: inside }] })
      t.like(named, { name: 'c1', foundBy: 'inventory', gateway: '10.1.7.1', ...expected })
    }),
  ),
)

needs(test, 'netns')('a namespace that is gone or misnamed is a RunnerError', async (t) => {
  const gone = netnsRunner('h1', 'flannel-doctor-gone')
  await t.throwsAsync(gone.run(['true']), { instanceOf: RunnerError, message: /no network namespace/ })
  t.throws(() => netnsRunner('h1', '../etc'), { instanceOf: RunnerError })
  await inNamespace(async (name) => {
    await t.throwsAsync(netnsRunner('h1', name, process.pid).run(['true']), {
      instanceOf: RunnerError,
      message: `no process ${process.pid} in network namespace ${name}`,
    })
  })
})

/** A stand-in is enough here: the kernel shows the words and variables of any process alike. */
test('words of a flanneld come exactly, and its secrets are masked before they leave the host', async (t) => {
  const variables = ['FLANNELD_ETCD_PASSWORD=hush1', 'FLANNELD_IFACE=a b', 'OTHER=hush2']
  const secrets = ['-etcd-password=hush3', '--etcd-password', 'hush4', '-etcd-endpoints=http://u:hush5@h:1']
  const command = await open([
    'env',
    ...variables,
    'bash',
    '-c',
    'sleep 60; :',
    'x',
    ...secrets,
    'two\nlines',
    '',
    'end',
  ])
  t.teardown(() => command.stop(0))
  while (!readFileSync(`/proc/${command.pid}/comm`, 'utf8').startsWith('bash')) await setTimeout(5)
  const { sections } = await collectHost(localRunner('here'), { containers: [], flanneldPid: command.pid })
  const { facts } = factsFromSections({ name: 'here', via: 'local:' }, sections)
  const [process] = facts.flanneld.known ? facts.flanneld.value.processes : []
  const masked = '********'
  t.deepEqual(process?.environment, { FLANNELD_ETCD_PASSWORD: masked, FLANNELD_IFACE: 'a b' })
  t.deepEqual(process?.argv.slice(4), [
    `-etcd-password=${masked}`,
    '--etcd-password',
    masked,
    `-etcd-endpoints=http://${masked}@h:1`,
    'two\nlines',
    '',
    'end',
  ])
  t.false(JSON.stringify(sections).includes('hush'))
})
