import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { parsedValue, recordedText, sectionOf } from '../saved/recorded-section.ts'
import { cni } from './cni.ts'

test('configuration, plugins and books of a recorded node', (t) => {
  const value = parsedValue(cni, recordedText('k8s-v0.28.9-vxlan', 'h1', 'cni'))
  const [sandbox] = value.reservations.map(({ container }) => container)
  t.deepEqual(value.files, [
    {
      name: '10-flannel.conflist',
      network: 'cbr0',
      version: '0.3.1',
      plugins: [
        { type: 'flannel', delegate: { type: 'bridge', hairpinMode: true, isDefaultGateway: true } },
        { type: 'portmap' },
      ],
    },
  ])
  t.true(value.binaries?.includes('flannel'))
  t.deepEqual(value.reservations, [{ network: 'cbr0', address: '10.244.0.2', container: sandbox ?? '' }])
  t.like(value.delegates[0], {
    container: sandbox,
    plugin: { mtu: 1450, ipMasq: false, ipam: 'host-local', subnets: ['10.244.0.0/24'] },
  })
  const [pod] = value.results.filter(({ network }) => network === 'cbr0')
  t.like(pod, { pod: 'default/c1', addresses: ['10.244.0.2/24'], container: sandbox })
})

test('a host without CNI, and one that has only the files of its machine', (t) => {
  t.like(parsedValue(cni, 'directory=\nplugins=\n\n'), { files: [], reservations: [] })
  t.like(cni.parse(sectionOf('cni', 'shared=1\n')), { problem: { why: 'not-applicable' } })
})

test('the script reads real files, and nothing secret in them', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'flannel-doctor-cni-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const put = (path: string, text: string, mode = 0o600): void => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
    chmodSync(join(root, path), mode)
  }
  put('etc/cni/net.d/99-last.conf', '{"name":"l",\n "type":"loopback"}')
  put('etc/cni/net.d/10-own.conflist', '{"name":"o","plugins":[{"type":"x","apiToken": "canary-1"}]}')
  put('etc/cni/net.d/20-broken.json', '{')
  put('etc/cni/net.d/README', 'no configuration')
  put('opt/cni/bin/bridge', '', 0o755)
  put('opt/cni/bin/LICENSE', '', 0o644)
  put('var/lib/cni/networks/o/10.0.0.7', 'abc\r\neth0')
  put('var/lib/cni/networks/o/fd00::7', 'def\neth0')
  put('var/lib/cni/networks/o/last_reserved_ip.0', '10.0.0.7')
  put(
    'var/lib/cni/results/o-abc-eth0',
    '{"containerId":"abc","networkName":"o","cniArgs":[["K8S_POD_NAMESPACE","n"],["K8S_POD_NAME","p"]],"annotations":"{\\"sandbox\\":\\"canary-2\\"}","result":{"ips":[{"address":"10.0.0.7/24"}]}}',
  )
  // The same script with its folders below another root.
  const script = cni
    .script({ containers: [] })
    .replaceAll(/(?<![\w$}])\/(etc\/cni|opt\/cni|usr\/lib\w*\/cni|var\/lib)/g, `${root}/$1`)
  const answer = (shared: string) => run(['sh', '-s'], { stdin: `SHARED_FILES=${shared}\n${script}` })
  t.is(new TextDecoder().decode((await answer('1')).stdout), 'shared=1\n')
  const { stdout, stderr } = await answer('')
  const text = new TextDecoder().decode(stdout)
  t.is(stderr, '')
  t.false(text.includes('canary'))
  const value = parsedValue(cni, text)
  t.deepEqual(
    value.files.map(({ name, problem }) => [name, problem]),
    [
      ['10-own.conflist', undefined],
      ['20-broken.json', 'it is no JSON'],
      ['99-last.conf', undefined],
    ],
  )
  t.deepEqual(value.binaries, ['bridge'])
  t.deepEqual(value.reservations.map(({ address, container }) => `${address} ${container}`).toSorted(), [
    '10.0.0.7 abc',
    'fd00::7 def',
  ])
  t.like(value.results, { length: 1, 0: { pod: 'n/p', addresses: ['10.0.0.7/24'] } })
})
