/** Recordings from real labs: what is recorded twice has the same bytes, and tells the fault. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { patchHead } from '../../collect/saved/patched-state.ts'
import { needs } from '../../test-needs.ts'
import { runFaults } from '../matrix/matrix-faults.ts'
import { recordFaults } from './record-faults.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

/** One that flanneld answers, one that makes a link anew, one that only the kernel sees. */
const FAULTS = ['bridge-down', 'flannel-link-deleted', 'ip-forward-off']

async function recording(signal: AbortSignal): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'recording-'))
  const rows = await runFaults({
    backend: 'vxlan',
    faults: FAULTS,
    signal,
    say: () => {},
    recording: recordFaults(dir, signal),
  })
  const wrong = rows.filter(({ rankedFirst, note }) => !rankedFirst || note !== undefined)
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong))
  return dir
}

function textsIn(dir: string): ReadonlyMap<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(dir.length)).toSorted()
  return new Map(paths.map((path) => [path, readFileSync(`${dir}${path}`, 'utf8')]))
}

/** The first line in which two recordings differ, of each file that does, cut so that a failure can be read. */
function differences(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((path) => {
    const [ours, theirs] = [one, other].map((texts) => texts.get(path)?.split('\n') ?? [])
    const number = ours?.findIndex((line, at) => line !== theirs?.[at]) ?? 0
    return number < 0 ? [] : [`${path}:${number + 1}: ${unlike(ours?.[number], theirs?.[number])}`]
  })
}

function unlike(ours = '', theirs = ''): string {
  const start = ours.split('').findIndex((letter, at) => letter !== theirs[at])
  const from = Math.max(0, start - 100)
  return `${ours.slice(from, start + 100)} | ${theirs.slice(from, start + 100)}`
}

live('the same faults recorded in other labs give the same bytes', async (t) => {
  t.timeout(120_000)
  const signal = AbortSignal.timeout(110_000)
  const [first, second] = [await recording(signal), await recording(signal)]
  const texts = textsIn(first)
  t.deepEqual(differences(texts, textsIn(second)), [])
  for (const fault of FAULTS) {
    t.true(texts.has(`/vxlan/${fault}.patch`))
    t.is(patchHead(join(first, 'vxlan', `${fault}.patch`)).fault, fault)
  }
})
