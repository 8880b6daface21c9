/** The whole `trace` command killed at any moment: the next run of ours removes what it left. */
import { existsSync, readdirSync } from 'node:fs'
import test from 'ava'
import { killGroup, open } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import type { LabState } from '../../lab/running/state.ts'
import { pathOf } from '../../probe/kernel/path-for-tests.ts'
import { PROBES_DIR } from '../../probe/own/probe-token.ts'
import { remains } from '../../probe/own/remains-for-tests.ts'
import { needs } from '../../test-needs.ts'
import { BIN, doctor, sh } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
/** `TRACE_KILLS=50` for the long run. */
const KILLS = Number(process.env.TRACE_KILLS ?? 5)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function wordsFor(lab: LabState): readonly string[] {
  return ['trace', 'h1/h1c1', 'h2/h2c1', '--inventory', lab.inventory, '--intrude', '--quiet']
}

/** Resolves when a run of that process has made its first thing. */
async function untilBegun(pid: number): Promise<void> {
  const deadline = performance.now() + 60_000
  const has = (): boolean =>
    existsSync(PROBES_DIR) && readdirSync(PROBES_DIR).some((name) => name.includes(`_${pid}_`))
  while (!has() && performance.now() < deadline) await pause(5)
}

live(`${KILLS} times killed at a random moment, with everything set up`, async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const path = pathOf(lab)
    // A lost ping is waited for with every capture running: most moments are in the middle of that.
    await sh(
      lab,
      'h2',
      "nft 'table ip k { chain c { type filter hook forward priority 10; ip protocol icmp drop; }; }'",
    )
    const startedAt = performance.now()
    t.is((await doctor(...wordsFor(lab))).exit, 1)
    const whole = performance.now() - startedAt
    let found = 0
    for (let i = 0; i < KILLS; i++) {
      const command = await open([process.execPath, BIN, ...wordsFor(lab)])
      // Every other one in the middle of its captures, however slow the machine is.
      if (i % 2 === 0) await untilBegun(command.pid)
      const at = Math.round((i % 2 === 0 ? 1000 : whole) * Math.random())
      await pause(at)
      killGroup(command.pid, 'SIGKILL')
      await command.ended
      found += (await remains(path, command.pid)).length
      const next = i % 4 < 2 ? wordsFor(lab) : ['check', '--probe', '--inventory', lab.inventory, '--quiet']
      const { exit, stderr } = await doctor(...next)
      t.is(exit, 1, stderr)
      t.deepEqual(await remains(path, command.pid), [], `round ${i}, killed after ${at} ms`)
    }
    t.log(`${found} things were left by ${KILLS} killed runs, none after the next start`)
    t.true(found > 0, 'killing left nothing, so nothing was shown')
  })
})
