/** Recordings of faults while the matrix runs: one healthy lab per backend, and of each fault what differs from it. */

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../../fixtures/fault.ts'
import { expectedOn, recordedIn } from '../../../fixtures/fault-expectation.ts'
import type { FaultRow } from '../../../reports/matrix/matrix.ts'
import { traceCell } from '../../../reports/matrix/matrix-text.ts'
import { type PatchHead, patchText } from '../../collect/saved/patched-state.ts'
import { loadState, type SavedState, saveState } from '../../collect/saved/saved-state.ts'
import { type StateTexts, textsOf } from '../../collect/saved/state-texts.ts'
import { writeWhole } from '../../files/write-whole.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { collectCluster } from '../../run/collecting/collect-cluster.ts'
import { usualConcurrency } from '../../run/collecting/usual-concurrency.ts'
import { judge } from '../../run/judging/judge.ts'
import { runRecord } from '../../run/run-record.ts'
import { loadCluster } from '../../run/saved/saved-cluster.ts'
import { injectedIn } from '../faults/inject.ts'
import type { FaultLooks, FaultRecording } from '../matrix/fault-recording.ts'
import { compareFault } from '../matrix/matrix-result.ts'
import { findLab } from '../running/state.ts'
import { stillState } from './still-state.ts'

/** Bytes; a fault that changes more is one that would be recorded better as a state of its own. */
const MOST_BYTES = 96 * 1024

/** Name of the state that all others differ from. */
const BASE = 'healthy'

/** MACs that the steps of a fault name and no link of the healthy lab has: a person wrote them. */
function chosenBy({ fault, lab, healthy }: FaultLooks): (mac: string) => boolean {
  const context = injectedIn(findLab(lab.name)).at(-1)?.context
  const steps = context === undefined ? '' : JSON.stringify(fault.inject(context)).toLowerCase()
  const before = healthy.hosts
    .flatMap(({ collected }) => collected.sections.map(({ stdout }) => stdout))
    .join('\n')
  return (mac) => steps.includes(mac) && !before.toLowerCase().includes(mac)
}

/** What stands on top: what was done, what must be found, and what was said when it was recorded. */
function headOf({ fault, lab }: FaultLooks, { meta: { at } }: SavedState, row: FaultRow): PatchHead {
  const { first, trace } = row
  return {
    fault: fault.id,
    note: fault.title,
    base: BASE,
    at,
    backend: lab.backend,
    flanneld: lab.flanneld.version,
    expect: expectedOn(fault, lab.backend),
    found: first,
    ...(trace && { trace: traceCell(trace) }),
  }
}

/** The healthy lab of a folder; the first one that is seen is written there. */
function baseOf(dir: string, looks: FaultLooks): StateTexts {
  const path = join(dir, BASE)
  if (!existsSync(path)) saveState(path, stillState({ ...looks, now: looks.healthy, isChosen: () => false }))
  return textsOf(loadState(path))
}

/** On a busy machine a look may come too late, or lack what was not read in time. */
async function saysTheSame(path: string, fault: Fault, row: FaultRow): Promise<boolean> {
  const { snapshot } = await loadCluster(path)
  const selection = { only: [], skip: [] }
  const report = judge(
    snapshot,
    { run: runRecord(Date.now()), commands: [] },
    { selection, failOn: 'warning' },
  )
  const { first, falseFindings } = compareFault(fault, report)
  return first === row.first && falseFindings.join() === row.falseFindings.join()
}

/**
 * Records into FOLDER/FAULT.patch below `root` what differs from FOLDER/healthy, which is written where it is missing; the fault says
 * which folder. Faults that change more than 96 KiB are counted and left out. Throws InputError when a folder cannot be used.
 */
export function recordFaults(root: string, signal: AbortSignal): FaultRecording {
  const counts = { recorded: 0, tooLarge: 0, unlike: 0 }
  return {
    look: async (lab) =>
      collectCluster(await loadInventory(findLab(lab.name).inventory), {
        concurrency: usualConcurrency(),
        signal,
      }),
    async write(looks, row) {
      if (signal.aborted) return // what was cut short says nothing about the fault
      const { fault, lab } = looks
      const dir = join(root, recordedIn(fault, lab.backend, lab.kubernetes ? 'kubernetes' : 'etcd'))
      const state = stillState({ ...looks, now: looks.broken, isChosen: chosenBy(looks) })
      const text = patchText(headOf(looks, state, row), baseOf(dir, looks), textsOf(state))
      if (Buffer.byteLength(text) > MOST_BYTES) counts.tooLarge++
      else {
        const path = join(dir, `${fault.id}.patch`)
        await writeWhole(path, text)
        if (await saysTheSame(path, fault, row)) counts.recorded++
        else {
          rmSync(path)
          counts.unlike++
        }
      }
    },
    summary: () =>
      `${root}: ${counts.recorded} faults recorded; left out: ${counts.tooLarge} too large, ${counts.unlike} of which the recording says something else than the lab`,
  }
}
