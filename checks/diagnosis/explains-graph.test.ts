/** No finding explains itself through others: those of a cycle would all be symptoms, and none would be reported. */
import test from 'ava'
import { type Check, type Explains, RELATIONS } from '../check.ts'
import { CHECKS } from '../registry.ts'
import { codeCycles, codeGraph } from './code-graph-for-tests.ts'
import { diagnose } from './diagnose.ts'

/** A check that yields one critical code, which explains others. */
function checkOf(id: Check['id'], explains: readonly Explains[]): Check {
  const kind = { severity: 'critical', confidence: 'certain', says: '', fix: '', explains }
  return { id, findings: { wrong: kind } } as unknown as Check
}

const real = codeGraph(CHECKS)

test('no code explains itself, directly or through others', (t) => {
  const cycles = codeCycles(real).map((cycle) => `${cycle.join(' → ')}: one of these edges is wrong`)
  t.deepEqual(cycles, [])
})

test('the graph has the edges that checks declare and those of both tables of losses', (t) => {
  t.true(real.get('tunnel/port:wrong')?.has('tunnel/socket:not-listening'), 'declared')
  t.true(real.get('route/forwarding:disabled')?.has('dataplane/overlay-ping:containers-lost'), 'lost pings')
  t.true(real.get('fdb/peer-vtep:missing')?.has('path/neighbour:no-fdb-entry'), 'predicted losses')
  t.false(real.get('path/neighbour:no-fdb-entry')?.has('fdb/peer-vtep:missing'))
})

for (const when of RELATIONS) {
  test(`three codes that explain each other are found: ${when}`, (t) => {
    const checks = [
      checkOf('lease/own', [{ code: 'link/flannel:wrong', when }]),
      checkOf('link/flannel', [{ code: 'route/*', when }]),
      checkOf('route/network', [{ code: 'lease/own:*', when }]),
    ]
    const cycle = ['lease/own:wrong', 'link/flannel:wrong', 'route/network:wrong', 'lease/own:wrong']
    t.deepEqual(codeCycles(codeGraph(checks)), [cycle])
    t.deepEqual(codeCycles(codeGraph(checks.slice(0, 2))), [])
  })
}

test('a code that explains findings of its own is found', (t) => {
  const check = checkOf('lease/own', [{ code: 'lease/*', when: 'peer-of' }])
  t.deepEqual(codeCycles(codeGraph([check])), [['lease/own:wrong', 'lease/own:wrong']])
})

test('what a table of losses adds closes a cycle as well', (t) => {
  const ping = checkOf('dataplane/tunnel-port', [{ code: 'tunnel/*', when: 'same-host' }])
  t.is(codeCycles(codeGraph([checkOf('tunnel/port', []), ping])).length, 1)
})

test('every finding is a cause or the symptom of one', (t) => {
  const findings = CHECKS.flatMap(({ id, findings: kinds }) =>
    Object.entries(kinds as Readonly<Record<string, Check['findings'][string]>>).map(([code, kind]) => ({
      code: `${id}:${code}` as const,
      subject: { host: 'h1', peer: 'h2' },
      severity: kind.severity,
      confidence: kind.confidence,
      effect: 'loss' as const,
      message: '',
      fix: '',
      fixes: [],
      evidence: [],
      explains: kind.explains ?? [],
    })),
  )
  const { causes } = diagnose(findings)
  const told = new Set(causes.flatMap(({ finding, explains }) => [finding, ...explains]))
  t.deepEqual(
    findings.filter((finding) => !told.has(finding)).map(({ code }) => code),
    [],
  )
})
