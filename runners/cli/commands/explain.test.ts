/** What can be explained beside checks and codes. */
import test from 'ava'
import { InputError } from '../../input-error.ts'
import { explain } from './explain.ts'

const CASES: readonly (readonly [string, RegExp])[] = [
  ['core', /^core {2}profile\n[\s\S]*^FL-STORE-01 {2}MUST/m],
  ['fdb-entry-deleted', /^fdb-entry-deleted {2}fault\n[\s\S]*found as {2}fdb\/peer-vtep:missing\n/],
  ['fl-vxlan-01', /^FL-VXLAN-01 {2}MUST\n/],
  ['pings lost', /^findings about "ping lost"[\s\S]*^dataplane\/overlay-ping:lost /m],
  ['FDB/Peer-VTEP:missing', /^fdb\/peer-vtep:missing {2}\(critical/],
  ['Core', /^core {2}profile\n/],
  ['Fdb-Entry-Deleted', /^fdb-entry-deleted {2}fault\n/],
  ['fdb/peer-vtep:missing', /^fdb\/peer-vtep:missing {2}\(critical/],
]

for (const [name, text] of CASES) {
  test(`explain ${name}`, async (t) => {
    const { stdout, exit } = await explain(name)
    t.is(exit, 0)
    t.regex(stdout, text)
  })
}

test('what no check, clause, profile or fault is about is wrong input', async (t) => {
  for (const name of ['nonsense', 'fdb/peer-vtep:gone', 'FL-NONE-01', '', 'a']) {
    await t.throwsAsync(explain(name), { instanceOf: InputError })
  }
})
