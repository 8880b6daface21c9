/** `trace` and `check --probe` of pings that a third host answers, against real flanneld. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { Report } from '../../../reports/document/report.ts'
import { withLab } from '../../lab/build/up.ts'
import type { LabBackend } from '../../lab/plan/plan-config.ts'
import type { LabState } from '../../lab/running/state.ts'
import { needs } from '../../test-needs.ts'
import { doctorHere } from '../doctor-here-for-tests.ts'
import { lastSeen, sh, traced } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

interface Detour {
  readonly backend: Extract<LabBackend, 'vxlan' | 'host-gw'>
  /** Run on h1: the way to the subnet `$2` of h2 leads to h3, which has the subnet `$3` and the underlay address `$4`. */
  readonly script: string
  readonly lastSeen: string
  /** What leads to h3. */
  readonly leads: string
}

const DETOURS: readonly Detour[] = [
  {
    backend: 'vxlan',
    script: `mac=$(ip neigh show \${3%/*} dev flannel.1 | sed -n 's/.*lladdr \\([^ ]*\\) .*/\\1/p')
      ip neigh replace \${2%/*} lladdr "$mac" dev flannel.1 nud permanent`,
    lastSeen: 'h3 flannel.1',
    leads: 'neighbour/peer-vtep:wrong-mac',
  },
  {
    backend: 'host-gw',
    script: 'ip route replace $2 via $4 dev eth0',
    lastSeen: 'h3 eth0',
    leads: 'route/peer-subnet:wrong-gateway',
  },
]

/** h1 is led to h3, which has the address of h2's container. Gives that address. */
async function detour(lab: LabState, { script }: Detour): Promise<string> {
  const [, second, third] = lab.hosts
  const address = second?.containers[0]?.address ?? ''
  await sh(lab, 'h3', `ip addr add ${address}/32 dev lo`)
  await sh(lab, 'h1', `set -- h1 ${second?.subnet} ${third?.subnet} ${third?.address}\n${script}`)
  return address
}

async function probed(inventory: string): Promise<Report> {
  const { stdout } = await doctorHere('check', '--probe', '--inventory', inventory, '--format', 'json')
  return JSON.parse(stdout) as Report
}

/** The inventory without h3: a host nobody reads. */
function withoutThird({ inventory, directory }: LabState): string {
  const path = join(directory, 'two.yaml')
  writeFileSync(path, readFileSync(inventory, 'utf8').replace(/^ {2}- name: h3\n[\s\S]*/m, ''))
  return path
}

for (const way of DETOURS) {
  live(`${way.backend}: a third host with the address of the container answers, and is named`, async (t) => {
    await withLab({ hosts: 3, backend: way.backend }, async (lab) => {
      const address = await detour(lab, way)
      const { exit, report, request } = await traced(t, lab)
      t.is(exit, 1)
      t.is(request.ping.received, 2)
      t.is(request.ends, 'captured')
      t.is(request.agreement, 'confirmed')
      t.is(lastSeen(request), way.lastSeen)
      t.regex(request.says, /is an address of h3 itself/)
      t.regex(request.says, /TTL 63 where one of h2\/h2c1 has 62, is from h3 and not from the container$/)
      const codes = report.causes.map(({ code, subject }) => `${code} ${subject.host} ${subject.peer}`)
      t.deepEqual(codes, ['route/shadowed:shadowed h3 h2', `${way.leads} h1 h2`])

      const { causes } = await probed(lab.inventory)
      const answer = causes
        .flatMap(({ explains }) => explains)
        .find(({ code }) => code.startsWith('dataplane/answer'))
      t.is(answer?.subject.host, 'h3')
      t.is(answer?.subject.object, `address ${address}`)
      t.deepEqual(new Set(causes.map(({ code }) => code)), new Set(['route/shadowed:shadowed', way.leads]))
    })
  })

  live(
    `${way.backend}: an answer of a host that nobody reads is not taken for the container's`,
    async (t) => {
      await withLab({ hosts: 3, backend: way.backend }, async (lab) => {
        await detour(lab, way)
        const two = { ...lab, inventory: withoutThird(lab) }
        const { exit, report, request } = await traced(t, two)
        t.is(exit, 1)
        t.is(request.ping.received, 2)
        t.is(request.ends, 'captured')
        t.is(request.agreement, 'contradicted')
        t.is(lastSeen(request), 'h1 eth0')
        t.regex(request.says, /TTL 63 where one of h2\/h2c1 has 62, is from another host/)
        t.regex(request.next ?? '', /^on h1: `tcpdump .* -i eth0` during a ping/)
        t.is(report.causes[0]?.code, way.leads)

        const { causes } = await probed(two.inventory)
        t.is(causes[0]?.code, way.leads)
        t.true(causes[0]?.explains.some(({ code }) => code === 'dataplane/answer:from-host'))
        t.is(causes.filter(({ severity }) => severity === 'critical').length, 1)
      })
    },
  )
}
