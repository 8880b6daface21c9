/** `trace` that cannot be finished still ends with a report: unreadable ends, a deadline, Ctrl-C, a lost terminal. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import type { Report } from '../../../reports/document/report.ts'
import { open } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import { labArgv } from '../../lab/running/exec.ts'
import type { LabState } from '../../lab/running/state.ts'
import { poll } from '../../poll.ts'
import { pathOf } from '../../probe/kernel/path-for-tests.ts'
import { PROBES_DIR } from '../../probe/own/probe-token.ts'
import { remains } from '../../probe/own/remains-for-tests.ts'
import { needs } from '../../test-needs.ts'
import { doctorHere } from '../doctor-here-for-tests.ts'
import { BIN, sh } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

interface Told {
  readonly exit: number
  readonly report: Report
}

async function told(t: ExecutionContext, words: readonly string[]): Promise<Told> {
  const { exit, stdout, stderr } = await doctorHere('trace', ...words, '--format', 'json')
  t.not(stdout, '', stderr)
  return { exit, report: JSON.parse(stdout) }
}

function withoutHost(lab: LabState, name: string): string {
  const path = `${lab.inventory}.edited.yaml`
  const words = readFileSync(lab.inventory, 'utf8')
  writeFileSync(
    path,
    words.replace(new RegExp(`via: netns://\\S*${name}$`, 'm'), 'via: netns://no-such-host'),
  )
  return path
}

live(
  'an end on a host that cannot be entered: the rest is judged, and the trace says why it is none',
  async (t) => {
    await withLab({ hosts: 3 }, async (lab) => {
      const inventory = withoutHost(lab, 'h2')
      const far = lab.hosts[1]?.containers[0]?.address ?? ''
      for (const target of ['h2/h2c1', 'h2', far]) {
        const { exit, report } = await told(t, ['h1/h1c1', target, '--inventory', inventory])
        t.is(exit, 3)
        t.is(report.verdict, 'undecided')
        t.deepEqual(report.traces, [])
        t.like(report.notTraced?.[0], { source: 'h1/h1c1', target })
        t.regex(report.notTraced?.[0]?.reason ?? '', /h2/)
        t.true(report.results.some(({ host, outcome }) => host === 'h1' && outcome === 'pass'))
      }
    })
  },
)

/** etcd of a host that takes connections and says nothing: collecting lasts until the deadline. */
async function withSilentEtcd<T>(lab: LabState, use: (inventory: string) => Promise<T>): Promise<T> {
  const path = `${lab.inventory}.silent.yaml`
  const words = readFileSync(lab.inventory, 'utf8')
  writeFileSync(path, words.replace(/- http:.*/, '- http://127.0.0.1:7777'))
  const silent = 'require("net").createServer(() => {}).listen(7777, "127.0.0.1", () => console.log("up"))'
  const server = await open(labArgv(lab, 'switch', [process.execPath, '-e', silent]))
  for await (const chunk of server.stdout) if (chunk.length > 0) break
  try {
    return await use(path)
  } finally {
    await server.stop()
  }
}

const DROP_ICMP =
  "nft 'table ip k { chain c { type filter hook forward priority 10; ip protocol icmp drop; }; }'"

live('a deadline that passes before or while the ping is sent', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    await withSilentEtcd(lab, async (inventory) => {
      const { report } = await told(t, ['h1/h1c1', 'h2/h2c1', '--inventory', inventory, '--deadline', '1'])
      t.is(report.run.interrupted, 'the deadline passed')
      t.deepEqual(report.traces, [])
      t.regex(report.notTraced?.[0]?.reason ?? '', /the deadline passed before a packet was sent/)
    })
    await sh(lab, 'h2', DROP_ICMP)
    const { report } = await told(t, ['h1/h1c1', 'h2/h2c1', '--inventory', lab.inventory, '--deadline', '1'])
    t.is(report.run.interrupted, 'the deadline passed')
    t.is(report.traces.length + (report.notTraced?.length ?? 0), 1)
  })
})

for (const signal of ['SIGINT', 'SIGHUP'] as const) {
  live(`${signal} while the ping is out: a report of what was seen, and nothing is left`, async (t) => {
    await withLab({ hosts: 2 }, async (lab) => {
      await sh(lab, 'h2', DROP_ICMP)
      const argv = ['trace', 'h1/h1c1', 'h2/h2c1', '--inventory', lab.inventory, '--format', 'json']
      const command = await open([process.execPath, BIN, ...argv])
      const out = text(command.stdout)
      const isBegun = (): true | undefined =>
        (existsSync(PROBES_DIR) &&
          readdirSync(PROBES_DIR).some((name) => name.includes(`_${command.pid}_`))) ||
        undefined
      t.true(await poll(isBegun, { deadline: performance.now() + 60_000, pauseMs: 5 }))
      process.kill(command.pid, signal)
      t.deepEqual(await command.ended, { exit: 130 })
      const report = JSON.parse(await out) as Report
      t.is(report.run.interrupted, 'interrupted')
      t.is(report.traces.length + (report.notTraced?.length ?? 0), 1)
      t.true(report.results.length > 50)
      t.deepEqual(await remains(pathOf(lab), command.pid), [])
    })
  })
}
