/** Recordings of faults while the matrix runs: healthy labs, and of each fault what differs from one. */
import { join } from 'node:path'
import type { Fault } from '../../../fixtures/fault.ts'
import { writeState } from '../../collect/saved/state-folder.ts'
import type { Section } from '../../collect/section/section.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import {
  type CollectedCluster,
  type CollectedHost,
  collectCluster,
  DEFAULT_CONCURRENCY,
} from '../../run/collect-cluster.ts'
import { saveCluster } from '../../run/saved-cluster.ts'
import { findLab, type LabState } from '../running/state.ts'
import { steadyText } from './steady-fact.ts'

/** What the matrix tells a recording. */
export interface FaultRecording {
  /** The lab has no finding: what the next faults are compared with. */
  readonly healthy: (lab: LabState) => Promise<void>
  /** The fault lasts in the lab. */
  readonly fault: (lab: LabState, fault: Fault) => Promise<void>
  /** One line that says what was recorded and what was not. */
  readonly summary: () => string
}

/** Bytes; a fault that changes more is one that would be recorded better as a state of its own. */
const MOST_BYTES = 60 * 1024

/** Name of the first healthy state. */
const FIRST = 'healthy'

type Files = Map<string, string>

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

async function look(lab: LabState, signal: AbortSignal): Promise<CollectedCluster> {
  const { inventory } = findLab(lab.name)
  return collectCluster(await loadInventory(inventory), { concurrency: DEFAULT_CONCURRENCY, signal })
}

/** How a section's command ended; its time is no part of a difference. */
function endOf({ command, end, stderr }: Section) {
  return { command, end, stderr }
}

function changedSections(base: CollectedHost, now: CollectedHost): readonly Section[] {
  return now.collected.sections.filter(
    ({ name }) => steadyText(name, base.snapshot.facts[name]) !== steadyText(name, now.snapshot.facts[name]),
  )
}

/** Adds the files of one host that differ from its base. */
function addHost(files: Files, base: CollectedHost, now: CollectedHost): void {
  const before = new Map(base.collected.sections.map((section) => [section.name, section]))
  const changed = changedSections(base, now)
  for (const { name, stdout } of changed) files.set(join(now.target.name, `${name}.txt`), stdout)
  const ends = changed.filter((section) => {
    const former = before.get(section.name)
    return former === undefined || JSON.stringify(endOf(former)) !== JSON.stringify(endOf(section))
  })
  if (ends.length === 0) return
  const records = ends.map((section) => [section.name, { ...endOf(section), ms: Math.round(section.ms) }])
  files.set(join(now.target.name, 'sections.json'), json(Object.fromEntries(records)))
}

/** What an overlay says besides its files. */
interface OverlayWords {
  readonly note: string
  /** Name of the state it differs from. */
  readonly base: string
}

/** Files of the overlay; undefined when a host or a section is gone, which an overlay cannot say. */
function overlayOf(base: CollectedCluster, now: CollectedCluster, words: OverlayWords): Files | undefined {
  const meta = {
    schemaVersion: 1,
    kind: 'recorded',
    tool: 'flannel-doctor',
    at: new Date(now.snapshot.window.to).toISOString(),
    note: words.note,
    base: `../${words.base}`,
    complete: now.snapshot.complete,
  }
  const files: Files = new Map([['meta.json', json(meta)]])
  for (const [index, host] of now.hosts.entries()) {
    const former = base.hosts[index]
    const isWhole = host.collected.sections.length === former?.collected.sections.length
    if (former === undefined || !isWhole || host.collected.problem !== undefined) return undefined
    addHost(files, former, host)
  }
  if (steadyText('datastore', base.reading) !== steadyText('datastore', now.reading)) {
    files.set('datastore.json', json(now.reading))
  }
  return files
}

function bytesOf(files: Files): number {
  return [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}

/** A healthy state that faults are compared with. */
interface Base {
  readonly name: string
  readonly look: CollectedCluster
}

/** What a healed lab keeps for good: numbers of links and processes, MACs, leases. */
const DRIFT = 'the same lab after faults were healed'

/** The bases of one recording: the first whole, the later ones overlays of the first. */
function basesIn(dir: string) {
  let [first, last]: (Base | undefined)[] = []
  let count = 0
  return {
    last: () => last,
    /** The lab as it is now becomes the base, unless it is the last base still. */
    async renew(look: CollectedCluster): Promise<void> {
      if (first === undefined || last === undefined) {
        first = last = { name: FIRST, look }
        await saveCluster(join(dir, FIRST), look)
        return
      }
      if (overlayOf(last.look, look, { note: '', base: last.name })?.size === 1) return
      const files = overlayOf(first.look, look, { note: DRIFT, base: FIRST })
      if (files === undefined) return
      count++
      last = { name: `${FIRST}-${count}`, look }
      writeState(join(dir, last.name), files)
    },
  }
}

/**
 * Records into `dir`/healthy, `dir`/healthy-N and `dir`/FAULT. Faults that need a lab of their own are counted
 * and left out, as are those that change more than 60 KiB. Throws InputError when a folder cannot be used.
 */
export function recordFaults(dir: string, signal: AbortSignal): FaultRecording {
  const counts = { recorded: 0, ownLab: 0, tooLarge: 0, unsaid: 0 }
  const bases = basesIn(dir)
  return {
    async healthy(lab) {
      const now = await look(lab, signal)
      if (!signal.aborted) await bases.renew(now)
    },
    async fault(lab, fault) {
      const base = bases.last()
      if (fault.options !== undefined || base === undefined) {
        counts.ownLab++
        return
      }
      const now = await look(lab, signal)
      if (signal.aborted) return // what was cut short says nothing about the fault
      const files = overlayOf(base.look, now, { note: fault.title, base: base.name })
      if (files === undefined) counts.unsaid++
      else if (bytesOf(files) > MOST_BYTES) counts.tooLarge++
      else {
        writeState(join(dir, fault.id), files)
        counts.recorded++
      }
    },
    summary: () =>
      `${dir}: ${counts.recorded} faults recorded; left out: ${counts.ownLab} with a lab of their own, ` +
      `${counts.tooLarge} too large, ${counts.unsaid} with a host or section gone`,
  }
}
