/** Labs with real etcd and real flanneld: ready means that containers of different hosts reach each other at once. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { parse } from 'yaml'
import { NETNS_DIR } from '../../hosts/netns.ts'
import { processesOfLab } from '../../hosts/process-identity.ts'
import { needs } from '../../test-needs.ts'
import type { LabOptions } from '../plan/plan.ts'
import { labExec } from '../running/exec.ts'
import type { LabState } from '../running/state.ts'
import { withLab } from './up.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

async function output(lab: LabState, target: string, argv: readonly string[]): Promise<string> {
  const { stdout } = await labExec(lab, target, { argv })
  return Buffer.from(stdout).toString('utf8')
}

/** Every container to the first one of every other host, three packets, none lost. */
async function pingAcross(t: ExecutionContext, lab: LabState): Promise<void> {
  for (const from of lab.hosts) {
    for (const to of lab.hosts.filter((host) => host !== from)) {
      const [source, target] = [from.containers[0]?.name ?? '', to.containers[0]?.address ?? '']
      const said = await output(lab, source, ['ping', '-n', '-c', '3', '-i', '0.05', '-W', '2', target])
      t.regex(said, /3 received, 0% packet loss/, `${source} to ${target}`)
    }
  }
}

function leftovers(lab: LabState): readonly string[] {
  const namespaces = [
    lab.switchNamespace,
    ...lab.hosts.flatMap((host) => [host, ...host.containers].map((each) => each.namespace)),
  ]
  return [
    ...namespaces.filter((name) => existsSync(`${NETNS_DIR}/${name}`)),
    ...processesOfLab(lab.token, []).map(String),
    ...[lab.directory, `/dev/shm/fd-${lab.token}-etcd`].filter((path) => existsSync(path)),
  ]
}

/** Brings a lab up, proves the data path, lets `look` see more, and proves that nothing is left. */
async function tryLab(
  t: ExecutionContext,
  options: LabOptions,
  look: (lab: LabState) => Promise<void> = async () => {},
): Promise<void> {
  const lab = await withLab(options, async (up) => {
    await pingAcross(t, up)
    await look(up)
    return up
  })
  t.deepEqual(leftovers(lab), [])
}

live('vxlan over etcd v3: one tunnel route, neighbour and FDB entry per peer', async (t) => {
  await tryLab(t, {}, async (lab) => {
    const [h1] = lab.hosts
    const routes = await output(lab, 'h1', ['ip', 'route'])
    for (const { subnet } of lab.hosts.slice(1))
      t.true(routes.includes(`${subnet} via ${subnet.split('/')[0]} dev flannel.1 onlink`))
    t.is(
      (await output(lab, 'h1', ['ip', 'neigh', 'show', 'dev', 'flannel.1', 'nud', 'permanent']))
        .trim()
        .split('\n').length,
      2,
    )
    t.true(routes.includes(`${h1?.subnet} dev docker0`))
    t.is(await output(lab, 'h1', ['sysctl', '-n', 'net.ipv4.ip_forward']), '1\n')
    t.regex(await output(lab, 'h1c1', ['ip', 'link', 'show', 'eth0']), /mtu 1450/)
  })
})

live('the inventory names everything there is', async (t) => {
  await withLab({ hosts: 2, containersPerHost: 2, prefix: '/kube/network' }, async (lab) => {
    const inventory = parse(readFileSync(lab.inventory, 'utf8'))
    t.like(inventory.etcd, {
      endpoints: ['http://192.0.2.1:2379'],
      prefix: '/kube/network',
      api: 'v3',
      via: `netns://${lab.switchNamespace}`,
    })
    t.deepEqual(
      inventory.hosts.map((host: { name: string }) => host.name),
      ['h1', 'h2'],
    )
    t.is(inventory.hosts[1].containers.length, 2)
    t.true(readFileSync(inventory.hosts[0].subnetFile, 'utf8').includes('FLANNEL_MTU=1450'))
    t.true(readFileSync(`/proc/${inventory.hosts[0].flanneldPid}/cmdline`, 'utf8').includes('flanneld'))
  })
})

live('host-gw over etcd v3', (t) => tryLab(t, { backend: 'host-gw' }))
live('udp over etcd v3', (t) => tryLab(t, { backend: 'udp' }))
live('vxlan over etcd v2', (t) => tryLab(t, { etcdApi: 'v2' }))
live('host-gw over etcd v2', (t) => tryLab(t, { etcdApi: 'v2', backend: 'host-gw' }))
live('udp over etcd v2', (t) => tryLab(t, { etcdApi: 'v2', backend: 'udp' }))

live('TLS: etcd refuses a client without a certificate, keys are private', async (t) => {
  await tryLab(t, { tls: true, hosts: 2 }, async (lab) => {
    const { ca = '', cert = '', key = '' } = lab.tls ?? {}
    const url = `${lab.endpoint}/health`
    t.true(
      (
        await output(lab, 'switch', ['curl', '-s', '--cacert', ca, '--cert', cert, '--key', key, url])
      ).includes('true'),
    )
    t.is(await output(lab, 'switch', ['curl', '-s', '--cacert', ca, url]), '')
    t.is(statSync(key).mode & 0o777, 0o600)
  })
})

live('DirectRouting: peers of the same underlay without a tunnel, the others through it', async (t) => {
  const config = JSON.stringify({ Network: '10.5.0.0/16', Backend: { Type: 'vxlan', DirectRouting: true } })
  await tryLab(t, { hosts: 4, underlays: 2, config }, async (lab) => {
    const routes = await output(lab, 'h1', ['ip', 'route'])
    const [, h2, h3] = lab.hosts
    t.true(routes.includes(`${h2?.subnet} via ${h2?.subnet.split('/')[0]} dev flannel.1 onlink`))
    t.true(routes.includes(`${h3?.subnet} via ${h3?.address} dev eth0`))
  })
})

live('a configuration of one’s own: network, subnet range and VNI', async (t) => {
  const config = JSON.stringify({
    Network: '10.0.0.0/8',
    SubnetLen: 20,
    SubnetMin: '10.10.0.0',
    SubnetMax: '10.99.0.0',
    Backend: { Type: 'vxlan', VNI: 100, Port: 8472 },
  })
  await tryLab(t, { config, hosts: 2 }, async (lab) => {
    t.regex(lab.hosts[0]?.subnet ?? '', /^10\.[1-9]\d\.\d+\.0\/20$/)
    t.regex(
      await output(lab, 'h1', ['ip', '-d', 'link', 'show', 'flannel.100']),
      /vxlan id 100 .*dstport 8472/,
    )
  })
})

live('exactly one masquerades: Docker’s rule where flanneld has none', async (t) => {
  await tryLab(t, { ipMasq: false, hosts: 2 }, async (lab) => {
    const rules = (await output(lab, 'h1', ['iptables-save', '-t', 'nat']))
      .split('\n')
      .filter((line) => line.includes('MASQUERADE'))
    t.deepEqual(rules, [`-A POSTROUTING -s ${lab.hosts[0]?.subnet} ! -o docker0 -j MASQUERADE`])
  })
})

live('two labs side by side do not meet', async (t) => {
  await withLab({ hosts: 2 }, (first) =>
    tryLab(t, { hosts: 2, backend: 'host-gw' }, async (second) => {
      t.not(first.token, second.token)
      await pingAcross(t, first)
    }),
  )
})

needs(
  test.serial,
  'root',
  'netns',
  'etcd',
  'flanneld',
  'docker',
)('a real dockerd per host', async (t) => {
  await tryLab(t, { docker: 'real', hosts: 2 }, async (lab) => {
    const [h1] = lab.hosts
    t.regex(await output(lab, 'h1', ['ip', 'link', 'show', 'docker0']), /mtu 1450/)
    t.true(
      (
        await output(lab, 'h1', [
          'docker',
          '-H',
          `unix://${h1?.dockerSocket}`,
          'ps',
          '--format',
          '{{.Names}}',
        ])
      ).includes('h1c1'),
    )
    t.is(parse(readFileSync(lab.inventory, 'utf8')).hosts[0].dockerSocket, h1?.dockerSocket)
  })
})

live('what the configuration forbids is said in flanneld’s own words, and nothing is left', async (t) => {
  const error = await t.throwsAsync(
    withLab({ name: 'too-small', hosts: 1, config: '{"Network":"10.5.0.0/30"}' }, async () => {}),
  )
  t.regex(error?.message ?? '', /flanneld of h1 refuses the network configuration: network is too small/)
  t.false(existsSync('/run/flannel-doctor/labs/too-small'))
})
