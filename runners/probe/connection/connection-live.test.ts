/** TCP and UDP of a real network where pings pass: what takes them is named, and no listener is left behind. */
import test, { type ExecutionContext } from 'ava'
import type { Report } from '../../../reports/document/report.ts'
import { withLab } from '../../lab/build/up.ts'
import { labExec } from '../../lab/running/exec.ts'
import type { LabState } from '../../lab/running/state.ts'
import { needs } from '../../test-needs.ts'
import { causes, on, probe } from '../probed-lab-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'perl')

const DROP_UDP = '-p udp -j DROP'.split(' ')
/** In the switch, as a hypervisor does that gets checksums wrong: the protocol of the packet inside vxlan. */
const EAT_TCP =
  'table bridge eat { chain f { type filter hook forward priority 0; udp dport 8472 @th,312,8 6 drop; }; }'

async function socketsIn(lab: LabState, container: string): Promise<string> {
  const { stdout } = await labExec(lab, container, { argv: ['ss', '-Hlntu'] })
  return Buffer.from(stdout).toString('utf8')
}

function answered({ observations }: Report): readonly string[] {
  return observations.flatMap((one) => (one.kind === 'connection' ? [one.state ?? 'not tried'] : []))
}

async function isHealthy(t: ExecutionContext, lab: LabState): Promise<void> {
  const report = await probe(lab)
  t.deepEqual(causes(report), [])
  t.deepEqual(answered(report), new Array<string>(12).fill('answered'))
  t.is(await socketsIn(lab, 'h1c1'), '')
}

live('a protocol that is lost has one cause, the rule that takes it or the place', async (t) => {
  await withLab({ hosts: 3 }, async (lab) => {
    await isHealthy(t, lab)
    await on(lab, 'h1', ['iptables', '-I', 'FORWARD', ...DROP_UDP])
    t.deepEqual(causes(await probe(lab)), [
      'path/service:protocol-dropped h1 - > dataplane/connection:udp-lost',
    ])
    await on(lab, 'h1', ['iptables', '-D', 'FORWARD', ...DROP_UDP])
    await on(lab, 'switch', ['nft', EAT_TCP])
    t.deepEqual(causes(await probe(lab)), ['dataplane/connection:tcp-lost - - >'])
  })
})

live('host-gw', (t) => withLab({ hosts: 3, backend: 'host-gw' }, (lab) => isHealthy(t, lab)))
live('udp', (t) => withLab({ hosts: 3, backend: 'udp' }, (lab) => isHealthy(t, lab)))
