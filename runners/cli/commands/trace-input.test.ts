/** `trace` where something is missing: tools of the host, or the ends that were named. */
import test from 'ava'
import type { Report } from '../../../reports/document/report.ts'
import { run } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import { needs } from '../../test-needs.ts'
import { doctorHere } from '../doctor-here-for-tests.ts'
import { BIN, sh } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

live('without tcpdump it says so and still predicts', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    await sh(
      lab,
      'h1',
      'bridge fdb show dev flannel.1 | grep dst | while read -r m _; do bridge fdb del "$m" dev flannel.1; done',
    )
    const argv = ['trace', 'h1/h1c1', 'h2/h2c1', '--inventory', lab.inventory, '--format', 'json']
    const hide = 'mount --bind /bin/false "$(readlink -f "$(command -v tcpdump)")"; exec "$@"'
    const { end, stdout, stderr } = await run(
      ['unshare', '-m', 'sh', '-c', hide, 'sh', process.execPath, BIN, ...argv],
      { timeoutMs: 60_000 },
    )
    t.deepEqual(end, { exit: 1 }, stderr)
    const [request] = (JSON.parse(Buffer.from(stdout).toString('utf8')) as Report).traces
    t.is(request?.ends, 'no-fdb')
    t.is(request?.agreement, 'predicted-only')
    t.false(request?.evidenceFrom.includes('taps'))
    t.true(request?.notObserved.some(({ rung }) => rung === 'taps'))
  })
})

live('ends that are not in the network are one clear line and exit 2', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['h1/none', 'h2/h2c1', /h1 has no container none; it has h1c1/],
      ['h1/h1c1', '203.0.113.9', /203\.0\.113\.9 is outside the flannel network/],
      ['h1/h1c1', 'h7', /there is no host h7; there are h1, h2/],
      ['h1/h1c1', 'h1/h1c1', /the same end/],
    ]
    for (const [source, target, words] of cases) {
      const { exit, stdout, stderr } = await doctorHere('trace', source, target, '--inventory', lab.inventory)
      t.is(exit, 2)
      t.is(stdout, '')
      t.regex(stderr, words)
    }
  })
})
