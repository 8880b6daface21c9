/** Every recorded state judged whole: the healthy ones without a finding, the broken one with its one cause. */
import { readdirSync } from 'node:fs'
import test from 'ava'
import type { Report } from '../../../reports/document/report.ts'
import { RUN } from '../../../reports/run-for-tests.ts'
import { recordedCluster } from '../saved/saved-cluster.ts'
import { judge } from './judge.ts'

const MISSED = 'v0.20.0-vxlan-missed-lease'
const REGISTERED = 'k8s-v0.28.9-vxlan-node-registered-again'
const FORMER = 'k8s-v0.28.9-vxlan-cni0-former-subnet'
const BROKEN = [MISSED, REGISTERED, FORMER]
const states = readdirSync(new URL('../../../fixtures/states/', import.meta.url)).sort()

async function reportOf(state: string): Promise<Report> {
  const settings = { selection: { only: [], skip: [] }, failOn: 'warning' } as const
  return judge(await recordedCluster(state), { run: RUN, commands: [] }, settings)
}

function codesAbove(report: Report, severity: 'info'): string[] {
  return report.results
    .flatMap(({ findings }) => findings)
    .filter((finding) => finding.severity !== severity)
    .map(({ code }) => code)
}

for (const state of states.filter((name) => !BROKEN.includes(name))) {
  test(`${state}: no finding, no error`, async (t) => {
    const report = await reportOf(state)
    t.deepEqual(codesAbove(report, 'info'), [])
    t.deepEqual(
      report.results.filter(({ outcome }) => outcome === 'error'),
      [],
    )
    t.true(report.results.filter(({ outcome }) => outcome === 'pass').length > 50)
  })
}

for (const state of states.filter((name) => name.startsWith('v0.28.9'))) {
  test(`${state}: everything could be judged`, async (t) => {
    const report = await reportOf(state)
    t.is(
      report.verdict,
      'healthy',
      JSON.stringify(report.results.filter(({ outcome }) => outcome === 'inconclusive')),
    )
  })
}

test(`${MISSED}: one cause on one host and peer, its three symptoms and the loss they mean under it`, async (t) => {
  const report = await reportOf(MISSED)
  const causes = report.causes.filter(({ severity }) => severity !== 'info')
  t.deepEqual(
    causes.map(({ code, subject }) => [code, subject.host, subject.peer]),
    [['lease/peer:unprogrammed', 'h1', 'h3']],
  )
  t.deepEqual(
    causes[0]?.explains.map(({ code, subject }) => [code, subject.host, subject.peer]),
    [
      ['route/peer-subnet:missing', 'h1', 'h3'],
      ['neighbour/peer-vtep:missing', 'h1', 'h3'],
      ['fdb/peer-vtep:missing', 'h1', 'h3'],
      ['path/route:astray', 'h1', 'h3'],
    ],
  )
})

function causesOf(report: Report): string[][] {
  return report.causes
    .filter(({ severity }) => severity !== 'info')
    .map(({ code, subject }) => [code, subject.host ?? ''])
}

test(`${REGISTERED}: the node that lost its annotations is the one cause`, async (t) => {
  const report = await reportOf(REGISTERED)
  t.deepEqual(causesOf(report), [['node/registered-again:flanneld-older', 'h3']])
  t.is(report.verdict, 'broken')
  t.deepEqual(
    report.causes[0]?.fixes.map(({ host, command }) => [host, command]),
    [['', 'kubectl -n kube-flannel delete pod kube-flannel-ds-h89ds']],
  )
})

test(`${FORMER}: cni0 with the former subnet comes first, the route that a peer kept of it behind`, async (t) => {
  t.deepEqual(causesOf(await reportOf(FORMER)), [
    ['bridge/address:wrong-subnet', 'h3'],
    ['route/stale-subnet:stale', 'h1'],
  ])
})
