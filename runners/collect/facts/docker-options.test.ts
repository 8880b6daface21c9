import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { DockerOptions } from '../../../checks/model/docker-options.ts'
import { localRunner } from '../../hosts/local.ts'
import { collectHost, factsFromSections } from '../collect.ts'
import { dockerOptions } from './docker-options.ts'

const HOST = { name: 'here', via: 'local:' }

/** What the collector says of a file with this text, and everything that left the host. */
async function collected(text: string): Promise<{ readonly value: DockerOptions; readonly raw: string }> {
  const path = join(mkdtempSync(join(tmpdir(), 'docker-options-')), "it's a file")
  writeFileSync(path, text)
  const settings = { containers: [], dockerOptionsFile: path }
  const { sections } = await collectHost(localRunner('here'), settings, { collectors: [dockerOptions] })
  const fact = factsFromSections(HOST, sections).facts.dockerOptions
  if (!fact.known) throw new Error(fact.detail)
  return { value: fact.value, raw: sections.map(({ stdout, stderr }) => stdout + stderr).join('') }
}

const INDIVIDUAL = `DOCKER_OPT_BIP="--bip=10.2.1.1/24"
DOCKER_OPT_IPMASQ="--ip-masq=false"
DOCKER_OPT_MTU="--mtu=1450"
`

test('the output of mk-docker-opts.sh', async (t) => {
  const { value } = await collected(
    `${INDIVIDUAL}DOCKER_NETWORK_OPTIONS=" --bip=10.2.1.1/24 --ip-masq=false --mtu=1450"\n`,
  )
  const [file] = value.files
  t.like(file, { otherLines: 0, junkLines: 0 })
  t.deepEqual(
    file?.variables.map(({ name, words }) => `${name} ${words}`),
    ['DOCKER_OPT_BIP 1', 'DOCKER_OPT_IPMASQ 1', 'DOCKER_OPT_MTU 1', 'DOCKER_NETWORK_OPTIONS 3'],
  )
  t.deepEqual(file?.variables.at(-1)?.options, { bip: '10.2.1.1/24', 'ip-masq': 'false', mtu: '1450' })
})

test('its output without subnet.env', async (t) => {
  const { value } = await collected('DOCKER_OPTS=""\n')
  t.deepEqual(value.files[0]?.variables, [{ name: 'DOCKER_OPTS', options: {}, words: 0 }])
})

test('its output when bash runs it', async (t) => {
  const { value } = await collected(
    `${INDIVIDUAL}-i="hBi"\nOutput=""\nvar.="."\ne.g.=".g."\nDOCKER_OPTS=" --bip=10.2.1.1/24 hBi . .g."`,
  )
  t.like(value.files[0], { junkLines: 3, otherLines: 1 })
  t.deepEqual(value.files[0]?.variables.at(-1), {
    name: 'DOCKER_OPTS',
    options: { bip: '10.2.1.1/24' },
    words: 4,
  })
})

test('by hand: single quotes, blanks instead of =, export, the last one wins', async (t) => {
  const { value } = await collected(
    "# comment\nDOCKER_OPTS='--mtu 1400'\nexport DOCKER_OPTS='--bip \"10.2.1.1/24\" --mtu 1450 --ip-masq'\n",
  )
  const [variable, ...others] = value.files[0]?.variables ?? []
  t.deepEqual(others, [])
  t.deepEqual(variable?.options, { bip: '10.2.1.1/24', mtu: '1450', 'ip-masq': 'true' })
})

test('nothing else of a file leaves the host', async (t) => {
  const { value, raw } = await collected(
    'http_proxy=http://user:hidden@proxy\nOPTIONS="--token hidden"\nhidden\n' +
      'DOCKER_OPTS="--log-opt splunk-token=hidden -H tcp://u:hidden@x --mtu=1450 $(touch hidden) `hidden`"\n',
  )
  t.false(raw.includes('hidden'), raw)
  t.like(value.files[0], { otherLines: 2, junkLines: 1 })
  t.is(value.files[0]?.variables[0]?.options.mtu, '1450')
})

test('a file that is not there is none, a huge one is cut', async (t) => {
  const settings = { containers: [], dockerOptionsFile: `${import.meta.dirname}/absent/docker` }
  const { sections } = await collectHost(localRunner('here'), settings, { collectors: [dockerOptions] })
  t.like(factsFromSections(HOST, sections).facts.dockerOptions, { known: true, value: { files: [] } })
  const { value } = await collected(`DOCKER_OPTS="--mtu=1450"\n${'junk\n'.repeat(300_000)}`)
  t.true((value.files[0]?.junkLines ?? 0) < 20_000)
})

test('a host that shares the files of its machine has none of its own', async (t) => {
  const settings = { containers: [], sharesFiles: true }
  const { sections } = await collectHost(localRunner('here'), settings, { collectors: [dockerOptions] })
  t.like(factsFromSections(HOST, sections).facts.dockerOptions, { known: false, why: 'not-applicable' })
})
