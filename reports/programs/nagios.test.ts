/** The rules of monitoring plugins, its figures read by Perl's Monitoring::Plugin. */
import { spawnSync } from 'node:child_process'
import test from 'ava'
import { needs } from '../../runners/test-needs.ts'
import {
  fullReport,
  HOSTILE,
  hostileReports,
  ordinaryReports,
  PLAIN,
  reportOf,
} from '../reports-for-tests.ts'
import { failedNagios, nagios, nagiosExit } from './nagios.ts'

const LINE = /^FLANNEL (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+(?:\| [^|\n]+)?$/

const READER = `
use Monitoring::Plugin::Performance;
while (<STDIN>) { chomp; print join(' ', map { $_->label . '=' . $_->value } Monitoring::Plugin::Performance->parse_perfstring($_)), "\\n" }
`

function figuresOf(document: string): string {
  return document.split('\n')[0]?.split('|')[1]?.trim() ?? ''
}

test('one line with the status, one bar, and nothing a monitor cuts', async (t) => {
  const reports = [...(await ordinaryReports()).map(([, report]) => report), ...(await hostileReports())]
  for (const report of reports) {
    const document = nagios(report, PLAIN)
    const [head = '', ...more] = document.split('\n')
    t.regex(head, LINE)
    t.false(more.join('').includes('|'))
    t.true(Buffer.byteLength(document) < 8192)
    t.false(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(document))
  }
})

needs(test, 'monitoring-plugin')('the figures are read as they are meant', async (t) => {
  const document = nagios(await fullReport(), PLAIN)
  const { stdout } = spawnSync('/usr/bin/perl', ['-e', READER], {
    input: figuresOf(document),
    encoding: 'utf8',
  })
  t.regex(stdout, /^causes=1 failed=\d+ undecided=\d+ hosts=4 unreachable=1 leases=3 time=1\.234\n$/)
})

test('the status is the exit status', async (t) => {
  const broken = await reportOf('v0.20.0-vxlan-missed-lease')
  t.is(nagiosExit(await reportOf('v0.28.9-vxlan')), 0)
  t.is(nagiosExit(broken), 2)
  t.is(nagiosExit({ ...broken, verdict: 'at-risk' }), 1)
  t.is(nagiosExit({ ...broken, verdict: 'undecided' }), 3)
  t.is(nagiosExit(await fullReport()), 3)
})

test('a run that died is unknown', (t) => {
  for (const message of HOSTILE.filter((each) => each !== '')) {
    t.regex(failedNagios({ version: '0', startedAt: '', message }).trimEnd(), LINE)
  }
})
