/** `trace` where a rung is missing: it says which, does with the others, and ends with the right status. */
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import test from 'ava'
import type { Rung } from '../../../checks/model/trace-observation.ts'
import type { Report, ReportTrace } from '../../../reports/document/report.ts'
import { open, run } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import type { LabState } from '../../lab/running/state.ts'
import { AS_NOBODY, needs } from '../../test-needs.ts'
import { BIN, sh } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

interface Said {
  readonly exit: number
  readonly report?: Report
  readonly stderr: string
}

/** The trace command behind `prefix`, which takes something away from it. */
async function tracedBehind(
  prefix: readonly string[],
  lab: LabState,
  ...more: readonly string[]
): Promise<Said> {
  const words = ['trace', 'h1/h1c1', 'h2/h2c1', '--inventory', lab.inventory, '--format', 'json', ...more]
  const { end, stdout, stderr } = await run([...prefix, process.execPath, BIN, ...words], {
    timeoutMs: 120_000,
  })
  const json = Buffer.from(stdout).toString('utf8')
  return {
    exit: 'exit' in end ? end.exit : -1,
    stderr,
    ...(json !== '' && { report: JSON.parse(json) as Report }),
  }
}

/** A shell in a mount namespace of its own that does something before the command. */
function behind(script: string): readonly string[] {
  return ['unshare', '-m', 'sh', '-c', `${script}; exec "$@"`, 'sh']
}

function missing({ notObserved }: ReportTrace, rung: Rung): readonly string[] {
  return notObserved.filter((one) => one.rung === rung).map(({ reason }) => reason)
}

/** Hides tracefs and the command that would mount it elsewhere. */
const NO_TRACEFS = `for dir in /sys/kernel/tracing /sys/kernel/debug; do [ -d $dir ] && mount -t tmpfs none $dir; done
mount --bind /bin/false "$(readlink -f "$(command -v mount)")"`

live(
  'without tracefs the taps still follow a ping, and a loss has its place but no drop reason',
  async (t) => {
    await withLab({ hosts: 2 }, async (lab) => {
      const healthy = await tracedBehind(behind(NO_TRACEFS), lab)
      t.is(healthy.exit, 0, healthy.stderr)
      const [request] = healthy.report?.traces ?? []
      t.deepEqual(request?.evidenceFrom, ['counters', 'taps'])
      t.is(request && missing(request, 'tracefs').length, 1)
      t.is(request?.agreement, 'confirmed')

      await sh(
        lab,
        'h2',
        "nft 'table ip k { chain c { type filter hook forward priority 10; ip protocol icmp drop; }; }'",
      )
      const lost = await tracedBehind(behind(NO_TRACEFS), lab)
      t.is(lost.exit, 1, lost.stderr)
      const [gone] = lost.report?.traces ?? []
      t.is(gone?.ends, 'filtered')
      t.is(gone?.agreement, 'confirmed')
      t.is(gone?.dropReason, undefined)
    })
  },
)

needs(
  test.serial,
  'root',
  'netns',
  'etcd',
  'flanneld',
  'nobody',
)('without root it is undecided, and the report says why', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const { exit, report, stderr } = await tracedBehind([...AS_NOBODY, '--'], lab)
    t.is(exit, 3)
    t.is(report?.verdict, 'undecided')
    t.deepEqual(report?.traces, [])
    const [host] = lab.hosts
    const reason = `the containers of h1 are not known: entering network namespace ${host?.namespace} needs root`
    t.deepEqual(report?.notTraced, [{ source: 'h1/h1c1', target: 'h2/h2c1', reason }])
    t.is(stderr, '')
  })
})

/** Resolves when a tcpdump runs in that namespace. */
async function untilTapped(namespace: string): Promise<void> {
  const script = `for i in $(seq 1000); do
    for pid in $(ip netns pids "$0"); do [ "$(cat /proc/$pid/comm)" = tcpdump ] && exit 0; done
    sleep 0.01
  done; exit 1`
  const { end } = await run(['sh', '-c', script, namespace], { timeoutMs: 30_000 })
  if (!('exit' in end) || end.exit !== 0) throw new Error('no tap came')
}

for (const [which, at] of [
  ['asked', 1],
  ['asking', 0],
] as const) {
  live(`the ${which} container stops in the middle: the other taps still tell`, async (t) => {
    await withLab({ hosts: 2 }, async (lab) => {
      const host = lab.hosts[at]
      const container = host?.containers[0]?.namespace ?? ''
      // Its own filter holds the answer back, so that the trace still waits when the container goes.
      const hold =
        "nft 'table ip own { chain in { type filter hook input priority 0; ip protocol icmp drop; }; }'"
      await sh(lab, 'h2c1', hold)
      const words = ['trace', 'h1/h1c1', 'h2/h2c1', '--inventory', lab.inventory, '--format', 'json']
      const command = await open([process.execPath, BIN, ...words])
      const said = text(Readable.from(command.stdout))
      await untilTapped(container)
      await sh(lab, at === 0 ? 'h1' : 'h2', 'ip link del vethc1')
      await run(['ip', 'netns', 'del', container])
      const end = await command.ended
      const { traces, verdict } = JSON.parse(await said) as Report
      const [request] = traces
      t.deepEqual(end, { exit: verdict === 'broken' ? 1 : 3 })
      t.true(request?.evidenceFrom.includes('taps'))
      t.true(request && missing(request, 'taps').some((reason) => reason !== ''))
      t.not(request?.ends, undefined)
    })
  })
}
