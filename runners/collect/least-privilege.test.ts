/** What each right gives: the facts of a lab's host, collected with rights taken away one by one and as an ordinary user. */
import { existsSync } from 'node:fs'
import test from 'ava'
import type { HostFactName } from '../../checks/model/snapshot.ts'
import type { Runner } from '../hosts/command/runner.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import { withLab } from '../lab/build/up.ts'
import { needs } from '../test-needs.ts'
import { collectHost, factsFromSections, NO_SETTINGS } from './collect.ts'

/** The same commands on the same host, with fewer rights. */
function withRights(runner: Runner, words: readonly string[]): Runner {
  return { ...runner, run: (argv, options) => runner.run(['setpriv', ...words, ...argv], options) }
}

const without = (...names: readonly string[]): readonly string[] => {
  const list = names.map((name) => `-${name}`).join(',')
  return ['--bounding-set', list, '--inh-caps', list]
}

async function absent(runner: Runner): Promise<Readonly<Record<string, string>>> {
  const { sections, problem } = await collectHost(runner, { ...NO_SETTINGS, sharesFiles: true })
  const { facts } = factsFromSections({ name: 'h', via: 'x' }, sections, problem)
  const entries = Object.entries(facts).flatMap(([name, fact]) =>
    fact.known ? [] : [[name, fact.why] as const],
  )
  return Object.fromEntries(entries) as Readonly<Record<HostFactName, string>>
}

/** What goes with each right, and nothing else. A lab's host has no services, option files or link owners of its own. */
const LOST: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  root: {},
  net_admin: { iptables: 'not-permitted', nftables: 'not-permitted', xfrm: 'not-permitted' },
  net_raw: {},
  sys_admin: {},
  sys_ptrace: { flanneld: 'not-permitted', subnetEnv: 'not-permitted', tlsFiles: 'not-permitted' },
  dac_override: {},
  dac_read_search: {},
  user: {
    flanneld: 'not-permitted',
    subnetEnv: 'not-permitted',
    tlsFiles: 'not-permitted',
    iptables: 'not-permitted',
    iptablesLegacy: 'not-permitted',
    // The kernel has this list once something has asked for legacy tables of IPv6.
    ...(existsSync('/proc/net/ip6_tables_names') && { ip6tablesLegacy: 'not-permitted' }),
    nftables: 'not-permitted',
    xfrm: 'not-permitted',
  },
}

const USER = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps', '-all']

function rightsOf(name: string): readonly string[] {
  return name === 'root' ? [] : name === 'user' ? USER : without(name)
}

needs(
  test,
  'root',
  'netns',
  'etcd',
  'flanneld',
)('a right that is missing takes its facts with it as not permitted, and no other fact', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const runner = makeRunner('h1', `netns://${lab.hosts[0]?.namespace}`)
    for (const [name, lost] of Object.entries(LOST)) {
      const rights = rightsOf(name)
      const found = await absent(rights.length === 0 ? runner : withRights(runner, rights))
      const told = Object.fromEntries(Object.entries(found).filter(([, why]) => why !== 'not-applicable'))
      t.deepEqual(told, lost, name)
    }
  })
})
