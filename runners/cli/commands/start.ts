/**
 * The main job of `npm start`: verify this machine where flanneld runs, otherwise bring up
 * the three-host lab, verify it, report, take it down. Without root, or where no lab can
 * run, replay a recorded state. Each says so.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { withLab } from '../../lab/build/up.ts'
import { LabError } from '../../lab/lab-error.ts'
import type { OutputFlags } from '../options/flags.ts'
import type { Surroundings } from '../options/options.ts'
import type { CommandOutput } from '../options/output.ts'
import { check } from './check.ts'
import { replay } from './replay.ts'

/** The state that is replayed where no lab can run: real flanneld v0.28.9, vxlan, three hosts. */
const RECORDED = fileURLToPath(new URL('../../../fixtures/states/v0.28.9-vxlan', import.meta.url))

/** True when a flanneld runs in this machine's own network namespace. */
function hasFlanneld(): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => isFlanneld(pid))
}

function isFlanneld(pid: string): boolean {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8')
    const isNamedSo = name.startsWith('flannel') && !name.startsWith('flannel-doctor')
    return isNamedSo && readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')
  } catch {
    return false // it has ended, or it belongs to another user
  }
}

/** Does what `npm start` promises. */
export async function mainJob(flags: OutputFlags, around: Surroundings): Promise<CommandOutput> {
  if (hasFlanneld()) {
    around.say('flanneld runs here: checking this machine')
    return check(flags, around)
  }
  if (process.getuid?.() !== 0) {
    around.say('no flanneld runs here and a lab needs root: replaying a recorded state')
    return replay([RECORDED], flags, around)
  }
  around.say('no flanneld runs here: bringing up a lab of three hosts')
  try {
    return await withLab({ hosts: 3, log: around.say, signal: around.signal }, (lab) =>
      check({ ...flags, inventory: lab.inventory }, around),
    )
  } catch (error) {
    if (!(error instanceof LabError) || error.problem !== 'missing') throw error
    around.say(`no lab: ${error.message}; replaying a recorded state`)
    return replay([RECORDED], flags, around)
  }
}
