/**
 * The ledger of a lab: what it makes, written down before it is made, one JSON line each, in the
 * lab's own directory. Whoever finds the directory can remove the lab, however its maker ended.
 */
import {
  accessSync,
  appendFileSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { textIfThere } from '../../files/text-if-there.ts'
import { identify, isRunning, type ProcessIdentity } from '../../hosts/process-identity.ts'
import { isOursAlone } from '../../setup/cache-folder.js'
import { LabError, usage } from '../lab-error.ts'

/** One directory per lab; on a running system /run is memory. */
export const LABS_DIR = '/run/flannel-doctor/labs'

const HALF_MADE = /^\.new-(\d+)-/
const LAB_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/

export type LedgerEntry =
  | {
      readonly kind: 'lab'
      readonly name: string
      readonly token: string
      readonly owner: ProcessIdentity
      /** A lab of a test or of one command: it must not outlive its owner. */
      readonly ephemeral: boolean
    }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'directory'; readonly path: string }
  /** Cgroup parent of the containers, a name below each hierarchy of /sys/fs/cgroup. */
  | { readonly kind: 'cgroup'; readonly name: string }
  /** A directory shared with other programs that was not there before: it goes when nobody else put something in. */
  | { readonly kind: 'shared-directory'; readonly path: string }
  /** Containers and networks of an engine that is not ours: those that carry the lab's label. */
  | { readonly kind: 'engine'; readonly socket: string }
  /** A host about to be added to a docker lab that is up: its maker may be killed while the engine makes it. */
  | { readonly kind: 'growth'; readonly owner: ProcessIdentity }
  /** A daemon about to be started: it is found by the token in its environment. */
  | { readonly kind: 'daemon'; readonly role: string }
  | { readonly kind: 'process'; readonly role: string; readonly process: ProcessIdentity }
  /** Everything works: from here on the lab survives its maker, unless it is ephemeral. */
  | { readonly kind: 'ready' }

/** A ledger as read. */
export interface Ledger {
  readonly directory: string
  readonly name: string
  readonly token: string
  readonly owner: ProcessIdentity
  readonly ephemeral: boolean
  readonly ready: boolean
  readonly entries: readonly LedgerEntry[]
}

/** Directory of the lab of that name. Throws LabError for a name that is no lab name. */
export function labDirectory(name: string): string {
  if (!LAB_NAME.test(name)) {
    return usage(`"${name}" is not a lab name: letters, digits, - and _, at most 32`)
  }
  return join(LABS_DIR, name)
}

/**
 * Makes the lab's directory with the first line of its ledger in it, in one step: it is made
 * aside and renamed, so no lab is ever without a ledger. Throws LabError when the name is taken.
 */
export function openLedger(head: { name: string; token: string; ephemeral: boolean }): string {
  const directory = labDirectory(head.name)
  const owner = identify(process.pid)
  if (owner === undefined) throw new LabError('missing', '/proc is not mounted')
  const aside = join(LABS_DIR, `.new-${process.pid}-${head.token}`)
  mkdirSync(LABS_DIR, { recursive: true, mode: 0o755 })
  mkdirSync(aside, { mode: 0o755 })
  chmodSync(aside, 0o755) // whatever the umask: what the ledger names is removed by root
  writeFileSync(ledgerFile(aside), `${JSON.stringify({ kind: 'lab', ...head, owner })}\n`, { mode: 0o600 })
  try {
    renameSync(aside, directory)
  } catch {
    rmSync(aside, { recursive: true, force: true })
    return usage(`a lab named ${head.name} exists already (remove it with: lab down --name ${head.name})`)
  }
  return directory
}

/** File of the ledger in a lab's directory. */
export const ledgerFile = (directory: string): string => join(directory, 'ledger')

/** Writes down what is about to be made. */
export function record(directory: string, ...entries: readonly LedgerEntry[]): void {
  appendFileSync(ledgerFile(directory), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
}

function parseLine(line: string): readonly LedgerEntry[] {
  try {
    return [JSON.parse(line) as LedgerEntry]
  } catch {
    return [] // its writer was killed in the middle of the line: nothing was made after it
  }
}

/** True for a ledger that this user may not read: root's labs are none of theirs. */
function isHidden(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return false
  } catch {
    return existsSync(path)
  }
}

/** The ledger in a lab directory; undefined when there is none that can be read. */
export function readLedger(directory: string): Ledger | undefined {
  const path = ledgerFile(directory)
  // Others could have what they like removed through it.
  const text = isHidden(path) || !isOursAlone(path) ? undefined : textIfThere(path)
  if (text === undefined) return undefined
  const entries = text.split('\n').flatMap(parseLine)
  const head = entries.find((entry) => entry.kind === 'lab')
  if (head === undefined) return undefined
  const ready = entries.some((entry) => entry.kind === 'ready')
  const { name, token, owner, ephemeral } = head
  return { directory, name, token, owner, ephemeral, ready, entries }
}

/** The entries of one kind. */
export function entriesOf<K extends LedgerEntry['kind']>(
  ledger: Ledger,
  kind: K,
): readonly Extract<LedgerEntry, { kind: K }>[] {
  return ledger.entries.filter((entry): entry is Extract<LedgerEntry, { kind: K }> => entry.kind === kind)
}

/** Every lab of this machine, by name. */
export function listLedgers(): readonly Ledger[] {
  if (!existsSync(LABS_DIR)) return []
  return readdirSync(LABS_DIR)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => readLedger(join(LABS_DIR, name)))
    .filter((ledger) => ledger !== undefined)
}

/** True for a lab nobody will remove otherwise: its maker is gone, and it is half made or ephemeral. */
export function isAbandoned(ledger: Ledger): boolean {
  return (ledger.ephemeral || !ledger.ready) && !isRunning(ledger.owner)
}

/** True when something of the lab may still be being made for somebody who is gone. */
export function isHalfMade(ledger: Ledger): boolean {
  return isAbandoned(ledger) || entriesOf(ledger, 'growth').some(({ owner }) => !isRunning(owner))
}

/** Directories that hold no lab: left by a maker killed before its first line, or by a remover killed at its last. */
export function strayDirectories(): readonly string[] {
  if (!existsSync(LABS_DIR)) return []
  return readdirSync(LABS_DIR)
    .filter((name) => {
      const maker = HALF_MADE.exec(name)?.[1]
      if (maker !== undefined) return identify(Number(maker)) === undefined
      const directory = join(LABS_DIR, name)
      if (isHidden(ledgerFile(directory))) return false
      return name.startsWith('.gone-') || readLedger(directory) === undefined
    })
    .map((name) => join(LABS_DIR, name))
}
