/** Bundles that hosts took each for itself are judged as the network they are of; what is of no network is refused. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { doctor } from '../../cli/doctor-for-tests.ts'
import { loadPatch } from '../../collect/saved/patched-state.ts'
import { redactState } from '../../collect/saved/redact/redact-state.ts'
import { loadState, type SavedState, stateFiles } from '../../collect/saved/saved-state.ts'
import { packState } from '../../collect/saved/state-archive.ts'
import type { EtcdReading } from '../../datastore/reading.ts'
import { InputError } from '../../input-error.ts'
import { runSaved } from '../run-inventory.ts'
import { type Bundle, mergeBundles } from './merged-state.ts'

const fixture = (path: string): string => fileURLToPath(new URL(`../../../fixtures/${path}`, import.meta.url))
const HEALTHY = loadState(fixture('states/v0.28.9-vxlan'))
const OLD = loadState(fixture('states/v0.10.0-vxlan'))
const FAULT = loadPatch(fixture('fault-states/vxlan/fdb-entry-deleted.patch'))

const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-bundles-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

/** What each host of a state would have collected by itself. */
function apart(state: SavedState): readonly Bundle[] {
  return state.hosts.map((host) => ({
    from: `${host.name}.tgz`,
    state: { ...state, meta: { ...state.meta, hosts: [host], complete: false }, hosts: [host] },
  }))
}

const MINUTE_MS = 60_000

/** The same, read later, by a clock that is ahead, with etcd changed by `edit`. */
function later(
  { from, state }: Bundle,
  { ms = 0, aheadMs = 0, edit = (reading: EtcdReading): EtcdReading => reading },
): Bundle {
  const reading = state.datastore as EtcdReading
  const aged = (store: EtcdReading['v3']) =>
    store && {
      ...store,
      entries: store.entries.map((entry) =>
        entry.ttlSeconds === undefined ? entry : { ...entry, ttlSeconds: entry.ttlSeconds - ms / 1000 },
      ),
    }
  const at = reading.at + ms + aheadMs
  const datastore = edit({ ...reading, at, v2: aged(reading.v2), v3: aged(reading.v3) })
  return { from, state: { ...state, meta: { ...state.meta, at: new Date(at).toISOString() }, datastore } }
}

function written(name: string, bundles: readonly Bundle[]): string {
  const dir = join(folder, name)
  mkdirSync(dir)
  for (const { from, state } of bundles)
    writeFileSync(join(dir, from), packState(stateFiles(state), state.meta.at))
  return dir
}

const refusal = (bundles: readonly Bundle[]): string => {
  try {
    mergeBundles(bundles)
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  return ''
}

test('bundles of the hosts give the findings of the network, from a folder and by name', async (t) => {
  const codes = (report: { results: readonly { findings: readonly { code: string }[] }[] }) =>
    report.results.flatMap(({ findings }) => findings.map(({ code }) => code)).toSorted()
  const dir = written('fault', apart(FAULT))
  writeFileSync(join(dir, 'notes.txt'), 'beside them')
  const whole = { ...FAULT, meta: { ...FAULT.meta, complete: false } }
  writeFileSync(join(folder, 'whole.tgz'), packState(stateFiles(whole), whole.meta.at))
  const { report } = await runSaved(dir)
  const expected = (await runSaved(join(folder, 'whole.tgz'))).report
  t.deepEqual(codes(report), codes(expected))
  t.true(codes(report).includes('fdb/peer-vtep:missing'))
  t.is(report.run.recorded?.bundles?.length, 3)
  const named = await doctor('replay', ...['h1', 'h2', 'h3'].map((host) => join(dir, `${host}.tgz`)))
  t.is(named.exit, 1)
  t.regex(named.stdout, /replay +of 3 saved states as one network, the last recorded .*, taken\s+within 0 s/)
})

test('a clock that is off is told by what etcd leaves its leases, and does not stretch the time of collection', (t) => {
  const [h1, h2, h3] = apart(HEALTHY) as [Bundle, Bundle, Bundle]
  const { bundles, window } = mergeBundles([
    h1,
    later(h2, { ms: MINUTE_MS }),
    later(h3, { aheadMs: 90 * MINUTE_MS }),
  ])
  t.deepEqual(
    bundles.map(({ clockAheadSeconds }) => clockAheadSeconds),
    [undefined, undefined, 5400],
  )
  const apartMs = window.to - window.from
  t.true(apartMs >= MINUTE_MS - 5000 && apartMs <= MINUTE_MS + 5000, `${apartMs}`)
})

test('the newest reading counts, and what changed between them is told', (t) => {
  const [h1, h2, h3] = apart(HEALTHY) as [Bundle, Bundle, Bundle]
  const added = '/coreos.com/network/subnets/10.5.99.0-24'
  const newer = later(h2, {
    edit: (reading) => ({
      ...reading,
      v3: reading.v3 && {
        ...reading.v3,
        revision: 9,
        entries: [...reading.v3.entries, { key: added, value: '{"PublicIP":"192.0.2.99"}', revision: 9 }],
      },
    }),
  })
  const unread = { ...h3, state: { ...h3.state, datastore: null } }
  const { state, changed, bundles } = mergeBundles([h1, newer, unread])
  t.is(state.datastore, newer.state.datastore)
  t.deepEqual(changed, [added])
  t.deepEqual(
    bundles.map(({ etcdUnread = false }) => etcdUnread),
    [false, false, true],
  )
})

test('what is not of one network is refused in a line that names both', (t) => {
  const [h1, h2] = apart(HEALTHY) as [Bundle, Bundle]
  t.regex(refusal([h1, { ...h1, from: 'again.tgz' }]), /^again\.tgz: h1 is in h1\.tgz as well/)
  const [, other] = apart(OLD) as [Bundle, Bundle]
  t.regex(refusal([h1, other]), /it was read from another etcd than h[12]\.tgz/)
  const elsewhere = later(h2, { edit: (reading) => ({ ...reading, prefix: '/other' }) })
  t.regex(refusal([h1, elsewhere]), /below another prefix, \/other, than h1\.tgz/)
  const redacted = { from: 'r.tgz', state: redactState(h2.state).state }
  t.regex(refusal([h1, redacted]), /^r\.tgz: .*not redacted together/)
  const again = { from: 's.tgz', state: redactState(h1.state).state }
  t.regex(refusal([redacted, again]), /not redacted together/)
})

test('a host with an etcd of its own is judged by that of the host that is named', (t) => {
  const [h1, h2] = apart(HEALTHY) as [Bundle, Bundle]
  const elsewhere = later(h2, { edit: (reading) => ({ ...reading, prefix: '/other' }) })
  const { state } = mergeBundles([h1, elsewhere], 'h1')
  t.is(state.datastore, h1.state.datastore)
  t.throws(() => mergeBundles([h1, elsewhere], 'h7'), { message: /--etcd-of h7/ })
})

test('bundles of a stranger share one budget, and links are refused', async (t) => {
  const dir = written('linked', apart(HEALTHY).slice(0, 2))
  for (const [name, target] of [
    ['x.tgz', '/etc/shadow'],
    ['state', fixture('states/v0.28.9-vxlan')],
  ] as const) {
    symlinkSync(target, join(dir, name))
    const { exit, stderr } = await doctor('replay', dir)
    t.is(exit, 2)
    t.true(stderr.includes(`/${name}: expected a saved state, found a symbolic link`), stderr)
    rmSync(join(dir, name))
  }
})

test('several are saved as one, redacted by one key', async (t) => {
  const dir = written('redacted', apart(FAULT))
  const saved = join(folder, 'one.tgz')
  const first = await doctor('replay', dir, '--redact', '--save', saved, '--format', 'json')
  t.is(first.exit, 1)
  t.false(first.stdout.includes(folder))
  const codes = (stdout: string) => JSON.parse(stdout).causes.map(({ code }: { code: string }) => code)
  const again = await doctor('replay', saved, '--format', 'json')
  t.deepEqual(codes(again.stdout), codes(first.stdout))
})
