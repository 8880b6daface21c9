/** `check --probe` where pings are lost: one is followed, and the first cause is what took it. */
import test from 'ava'
import type { Report } from '../../../reports/document/report.ts'
import { withLab } from '../../lab/build/up.ts'
import { needs } from '../../test-needs.ts'
import { doctorHere } from '../doctor-here-for-tests.ts'
import { type namespaceOf, sh } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

interface Fault {
  readonly fault: string
  readonly at: Parameters<typeof namespaceOf>[1]
  readonly script: string
  readonly mend: string
  /** The first cause, and the followed ping's own finding where it stands below. */
  readonly cause: RegExp
  readonly followed: string
  readonly says: RegExp
}

const FAULTS: readonly Fault[] = [
  {
    fault: 'a rule of the state',
    at: 'h2',
    script: 'iptables -I FORWARD -p icmp -j DROP',
    mend: 'iptables -D FORWARD -p icmp -j DROP',
    cause: /^(path|netfilter)\//,
    followed: 'dataplane/followed-ping:rule',
    says: /FORWARD/,
  },
  {
    fault: 'the firewall of a container',
    at: 'h2c1',
    script: "nft 'table ip own { chain c { type filter hook input priority 0; ip protocol icmp drop; }; }'",
    mend: 'nft delete table ip own',
    cause: /^(path\/|dataplane\/followed-ping:)/,
    followed: 'dataplane/followed-ping',
    says: /h2\/h2c1/,
  },
  {
    fault: 'between the hosts',
    at: 'switch',
    script:
      "nft 'table bridge own { chain c { type filter hook forward priority 0; udp dport 8472 drop; }; }'",
    mend: 'nft delete table bridge own',
    cause: /^dataplane\/followed-ping:underlay/,
    followed: 'dataplane/followed-ping:underlay',
    says: /never on h\d eth0/,
  },
]

live('a lost ping is followed to what took it', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    for (const { fault, at, script, mend, cause, followed, says } of FAULTS) {
      await sh(lab, at, script)
      const argv = ['check', '--probe', '--inventory', lab.inventory, '--format', 'json']
      const { exit, stdout, stderr } = await doctorHere(...argv)
      t.is(exit, 1, `${fault}: ${stderr}`)
      const report = JSON.parse(stdout) as Report
      t.is(report.verdict, 'broken', fault)
      t.is(report.run.level, 'capture', fault)
      const [first] = report.causes
      t.regex(first?.code ?? '', cause, `${fault}: ${JSON.stringify(report.causes.map(({ code }) => code))}`)
      const found = report.results.flatMap(({ findings }) => findings)
      const own = found.find(({ code }) => code.startsWith(followed))
      t.regex(own?.message ?? '', says, `${fault}: ${JSON.stringify(found.map(({ code }) => code))}`)
      t.false(
        report.causes.some(({ code }) => code.startsWith('dataplane/overlay-ping')),
        fault,
      )
      t.true(report.traces.length > 0, fault)
      await sh(lab, at, mend)
    }
  })
})
