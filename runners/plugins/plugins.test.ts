/** What plugins bring, as their user meets it. */
import { chmodSync, chownSync, cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { answeredPings } from '../../fixtures/observations-for-tests.ts'
import { doctor } from '../cli/doctor-for-tests.ts'
import { checkNetwork, render, replay } from '../library/exports.ts'
import { recordedCluster } from '../run/saved/saved-cluster.ts'
import { checking, EXAMPLE, HEALTHY, pluginFolder, ROOT, stateWithPorts } from './plugin-files-for-tests.ts'

const { folder, file, remove } = pluginFolder()
test.after.always(remove)

const WIDE = '1024\t65535\n\n'

test('a finding of a plugin is a cause like ours, with its proof; its format renders it', async (t) => {
  const state = stateWithPorts(join(folder, 'wide'), WIDE)
  const { report } = await replay(state, { plugins: [EXAMPLE] })
  t.is(report.verdict, 'at-risk')
  t.is(report.causes.length, 3)
  const [cause] = report.causes
  t.like(cause, { code: 'acme/port-range:covers-tunnel', severity: 'warning' })
  t.like(cause?.evidence[0], {
    section: 'acme.localPorts',
    typed:
      "ip netns exec fd-neiq-h1 sh -c 'cd /proc/sys/net/ipv4 && cat ip_local_port_range ip_local_reserved_ports'",
  })
  const words = ['--plugin', EXAMPLE, '--format', 'acme/csv', '--only', 'acme']
  const { exit, stdout } = await doctor('replay', state, ...words)
  t.is(exit, 1)
  t.regex(
    stdout,
    /^"verdict","code","host","message"\n"at-risk","acme\/port-range:covers-tunnel","h1","a prog/,
  )
  t.is(await render(report, 'acme/csv', { plugins: [EXAMPLE] }), stdout)
  t.is((await replay(state)).report.verdict, 'healthy', 'without the plugin its section means nothing')
})

test('where its fact was not recorded nothing is undecided', async (t) => {
  const { report } = await replay(HEALTHY, { plugins: [EXAMPLE] })
  t.is(report.verdict, 'healthy')
  t.is(report.results.find(({ check }) => check === 'acme/port-range')?.outcome, 'not-applicable')
})

test('its page, codes, clause, fault and format are explained and listed', async (t) => {
  const { stdout } = await doctor('explain', 'acme/port-range:covers-tunnel', '--plugin', EXAMPLE)
  t.regex(
    stdout,
    /^acme\/port-range:covers-tunnel {2}\(warning, certain\).*# range of local ports.*ip-sysctl/s,
  )
  t.regex((await doctor('explain', 'acme-port-01', '--plugin', EXAMPLE)).stdout, /^ACME-PORT-01 {2}MUST/)
  t.regex(
    (await doctor('explain', 'acme/ports-widened', '--plugin', EXAMPLE)).stdout,
    /found as {2}acme\/port/,
  )
  for (const [what, name] of [
    ['checks', 'acme/port-range:covers-tunnel'],
    ['clauses', 'ACME-PORT-01'],
    ['profiles', 'acme'],
    ['faults', 'acme/ports-widened'],
    ['reporters', 'acme/csv'],
  ] as const) {
    t.true((await doctor('list', what, '--plugin', EXAMPLE)).stdout.includes(name), what)
  }
  const unknown = await doctor('explain', 'acme/port-range')
  t.is(unknown.exit, 2)
  t.regex(unknown.stderr, /those of a plugin need --plugin/)
})

test('terminal escapes of its page stay text', async (t) => {
  const { stdout } = await doctor('explain', 'acme/dns', '--plugin', file('page.mjs', checking('')))
  t.regex(stdout, /\\x1b\[31mred/)
})

test('a configuration file names plugins beside itself; of one that nobody typed they must be nobody else’s', async (t) => {
  for (const name of ['acme.js', 'csv.js', 'port-range.js', 'port-range.md']) {
    cpSync(join(ROOT, 'fixtures/plugin-example', name), join(folder, name))
  }
  file('package.json', '{ "type": "module" }')
  file('hosts.yaml', 'hosts: [{ name: h1, via: "netns://flannel-doctor-none" }]\n')
  const waiver = 'waivers: [{ code: "acme/port-range:covers-tunnel", reason: known }]\n'
  const config = file('flannel-doctor.yaml', `plugins: [./acme.js]\n${waiver}`)
  const state = stateWithPorts(join(folder, 'configured'), WIDE)
  t.regex((await doctor('replay', state, '--config', config)).stdout, /^HEALTHY .*3 findings waived/)
  t.regex((await doctor('explain', 'acme/port-range', '--config', config)).stdout, /^# range of local ports/)
  t.regex((await doctor('list', 'checks', '--config', config)).stdout, /^acme\/port-range /m)
  const inventory = ['--inventory', join(folder, 'hosts.yaml'), '--etcd', 'http://127.0.0.1:1']
  chmodSync(join(folder, 'acme.js'), 0o666)
  const open = await doctor('check', ...inventory)
  t.is(open.exit, 2)
  t.regex(open.stderr, /other users may write or replace .*acme\.js/)
  if (process.getuid?.() !== 0) return
  chmodSync(join(folder, 'acme.js'), 0o644)
  chownSync(join(folder, 'csv.js'), 65_534, 65_534)
  t.regex(
    (await doctor('check', ...inventory)).stdout,
    /not loaded: other users may write or replace .*csv\.js/,
  )
  t.is((await doctor('replay', state, '--config', config)).exit, 0, 'whoever typed its path wants it')
})

test('its command comes with our one round trip; its shell and its output touch no other fact', async (t) => {
  const fact = (name: string, command: string) =>
    `{ fact: 'acme.${name}', command: ${JSON.stringify(command)}, parse: ({ stdout }) => ({ value: stdout.length }) }`
  const facts = [
    fact('broken', 'if true; then echo ) }'),
    fact('large', 'yes'),
    fact('none', 'no-such-command-of-ours'),
    fact('good', 'printf 12345'),
  ]
  const path = file('facts.mjs', `export default { apiVersion: 1, name: 'acme', facts: [${facts}] }`)
  const { snapshot, report } = await checkNetwork({
    host: ['local:'],
    plugins: [path],
    etcd: 'http://127.0.0.1:1',
  })
  const [host] = snapshot.hosts.values()
  const known = host?.facts as unknown as Record<string, object>
  t.like(known['acme.broken'], { known: false, why: 'unparsable' })
  t.like(known['acme.large'], { known: false })
  t.like(known['acme.none'], { known: false, why: 'not-installed' })
  t.like(known['acme.good'], { known: true, value: 5 })
  t.like(known.kernel, { known: true })
  t.is(report.commands.filter(({ argv }) => argv.includes('sh')).length, 1)
})

test('every fact of ours reaches a plugin', async (t) => {
  for (const state of ['v0.28.9-vxlan', 'v0.10.0-udp']) {
    const { hosts, datastore } = await recordedCluster(state)
    for (const facts of [datastore, ...[...hosts.values()].map((host) => host.facts)]) {
      for (const fact of Object.values(facts)) {
        if (fact.known) t.deepEqual(structuredClone(fact.value), fact.value)
      }
    }
  }
})

test('a check that observes sees what it declared, and is not run where nothing was sent', async (t) => {
  const body = "yield { unsure: 'saw ' + [...new Set(view.cluster.observations.map(({ kind }) => kind))] }"
  const told = async (state: string, observes: string) => {
    const text = checking(body).replace("needs: ['kernel']", `needs: ['kernel'], observes: [${observes}]`)
    const plugins = [file(`observing-${observes.length}.mjs`, text)]
    const { report } = await replay(state, { plugins, only: ['acme'] })
    return [report.results.map(({ reason }) => reason)[0], report.notSelected?.map(({ check }) => check)]
  }
  const probed = join(folder, 'probed')
  cpSync(HEALTHY, probed, { recursive: true })
  const { snapshot } = await replay(HEALTHY)
  writeFileSync(join(probed, 'observations.json'), JSON.stringify(answeredPings(snapshot)))
  t.deepEqual(await told(probed, "'ping'"), ['saw ping', []])
  t.deepEqual(await told(probed, "'ping', 'trace'"), ['saw ping', []])
  t.deepEqual(await told(probed, "'connection'"), ['saw ', []])
  t.deepEqual(await told(HEALTHY, "'ping'"), [undefined, ['acme/dns']])
})
