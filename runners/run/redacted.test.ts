/** A redacted state tells the same faults of the same subjects, and nothing of what it hides. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { Report } from '../../reports/document/report.ts'
import { RUN } from '../../reports/run-for-tests.ts'
import { loadPatch } from '../collect/saved/patched-state.ts'
import { redactState } from '../collect/saved/redact/redact-state.ts'
import { loadState, type SavedState } from '../collect/saved/saved-state.ts'
import { judge } from './judging/judge.ts'
import { JUDGE_ALL } from './run-inventory.ts'
import { clusterOfState } from './saved/saved-cluster.ts'

const STATES = fileURLToPath(new URL('../../fixtures/fault-states/', import.meta.url))
const TRACED = fileURLToPath(new URL('../../fixtures/traced-states/', import.meta.url))
/** On a machine that does much else besides. */
const PATIENCE_MS = 1_800_000
const KEY = Buffer.from('a key that is none of a run, 32 b')

async function judged(state: SavedState): Promise<Report> {
  const { snapshot } = await clusterOfState(state, 'state')
  return judge(snapshot, { run: RUN, commands: [] }, JUDGE_ALL)
}

/** Codes and subjects of all findings, in a fixed order, and the codes of the causes in theirs. */
function told(report: Report, text: (one: string) => string): unknown {
  const findings = report.results.flatMap((result) =>
    result.findings.map(({ code, subject: { host = '', peer = '', object = '' } }) =>
      [code, text(host), text(peer), text(object)].join(' | '),
    ),
  )
  return {
    verdict: report.verdict,
    findings: findings.toSorted(),
    causes: report.causes.map(({ code, subject }) => `${code} ${text(subject.host ?? '')}`).toSorted(),
    first: report.causes[0]?.code,
  }
}

for (const backend of ['vxlan', 'host-gw', 'udp']) {
  test(`${backend}: every recorded fault is found in the redacted state as in the state itself`, async (t) => {
    t.timeout(PATIENCE_MS, 'every fault of a backend is judged twice')
    const faults = readdirSync(`${STATES}${backend}`).filter((name) => name.endsWith('.patch'))
    const differing: string[] = []
    for (const name of faults) {
      const state = loadPatch(`${STATES}${backend}/${name}`)
      const redacted = redactState(state, KEY)
      const before = JSON.stringify(told(await judged(state), redacted.text), null, 1)
      const after = JSON.stringify(
        told(await judged(redacted.state), (one) => one),
        null,
        1,
      )
      if (before !== after) differing.push(`${name}\n${before}\n${after}`)
    }
    t.true(faults.length > 80)
    t.deepEqual(differing, [], differing.join('\n'))
  })
}

for (const name of ['forward-drop-icmp', 'underlay-mtu-lowered']) {
  test(`${name}: a followed ping is lost at the same place in the redacted state`, async (t) => {
    const state = loadState(`${TRACED}${name}`)
    const redacted = redactState(state, KEY)
    const [before, after] = [await judged(state), await judged(redacted.state)]
    t.deepEqual(
      told(after, (one) => one),
      told(before, redacted.text),
    )
    t.deepEqual(
      after.traces.map(({ direction, ends, agreement, hops }) => [direction, ends, agreement, hops.length]),
      before.traces.map(({ direction, ends, agreement, hops }) => [direction, ends, agreement, hops.length]),
    )
  })
}

const CANARY = 'canary'
const SECRETS: readonly RegExp[] = [
  /canary/i,
  /203\.0\.113\./,
  /198\.51\.100\.7\b/,
  /2001:db8:77/,
  /a2:b3:c4:d5:e6/,
]

/** A state of one host that names itself wherever a host can. */
const NAMED: SavedState = {
  meta: {
    schemaVersion: 1,
    kind: 'recorded',
    tool: 'flannel-doctor',
    at: '2026-01-01T00:00:00.000Z',
    note: `of ${CANARY}-host`,
    hosts: [],
    complete: true,
  },
  hosts: [
    {
      name: `${CANARY}-host`,
      via: `ssh://${CANARY}user@${CANARY}.example.com:22`,
      settings: { containers: [{ name: `${CANARY}-web`, namespace: `ns-${CANARY}` }] },
      sections: Object.entries({
        addresses:
          '[{"ifname":"eth0","address":"02:a2:b3:c4:d5:e6","addr_info":[{"family":"inet6","local":"2001:db8:77::1","prefixlen":64}]}]',
        containers: `container=${CANARY}-db\nfound=docker\n`,
        docker: `network=["${CANARY}_net","0",{},[{"Subnet":"203.0.113.0/24"}]]\n`,
        flanneld: `argv=-etcd-endpoints=https://etcd.${CANARY}.example.com:2379\n`,
        flanneldLog: `E0101 dial tcp 198.51.100.7:2379 etcd.${CANARY}.example.com of ${CANARY}-host\n`,
        iptables: `-A FORWARD -s 203.0.113.9 -m comment --comment "${CANARY} was here" -j DROP\n`,
        sockets: '  11: 077100CB:1388 00000000:0000 07\n',
        tlsFiles: 'pid=1\noption=etcd-cafile\npath=/ca\nstate=present\n',
      }).map(([name, stdout]) => ({
        name: name as 'links',
        command: `ssh ${CANARY}-host`,
        stdout,
        stderr: `${CANARY}-host: no`,
        end: { exit: 0 },
        ms: 1,
      })),
    },
  ],
  datastore: {
    prefix: '/coreos.com/network',
    endpoints: [{ url: `https://etcd.${CANARY}.example.com:2379`, signers: [`CN=${CANARY} CA`] }],
    via: `ssh://${CANARY}.example.com`,
  },
  observations: [
    { kind: 'untraced', source: `${CANARY}-host/${CANARY}-web`, target: '203.0.113.4', reason: '' },
  ],
  captures: new Map([['x.pcap', Buffer.from(CANARY)]]),
}

test('nothing that is hidden is left in any section, file or sentence', (t) => {
  const { state } = redactState(NAMED)
  const left = JSON.stringify(state)
  for (const secret of SECRETS) t.notRegex(left, secret)
  t.false(left.includes('077100CB'), 'an address in numbers')
  t.is(state.captures, undefined)
  const whole = JSON.stringify(NAMED)
  for (const secret of SECRETS) t.regex(whole, secret, 'the canaries are those of the state')
})

test('two runs have nothing in common', (t) => {
  t.notDeepEqual(redactState(NAMED).state.hosts, redactState(NAMED).state.hosts)
})
