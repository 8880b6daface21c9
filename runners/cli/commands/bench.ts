/** `bench`: throughput and round trips, overlay beside underlay. */
import { present } from '../../../checks/model/present.ts'
import {
  problemsOf,
  THROUGHPUT_SCHEMA_VERSION,
  type Throughput,
} from '../../../reports/throughput/throughput.ts'
import { InputError } from '../../input-error.ts'
import { interruption } from '../../interruption.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { LabBackend } from '../../lab/plan/plan-config.ts'
import { runRecord } from '../../run/run-record.ts'
import { BACKEND_ORDER, backendOrder, benchLab } from '../../throughput/bench-labs.ts'
import { benchNetwork } from '../../throughput/bench-network.ts'
import { type NamedPair, namedPairs } from '../../throughput/bench-pairs.ts'
import { type BenchSettings, pairSeconds } from '../../throughput/measure-pair.ts'
import type { BenchFlags } from '../options/flags.ts'
import { namedFormats } from '../options/named-format.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderWith } from '../options/output.ts'
import { collectionSettings, inventoryOf } from '../options/run-flags.ts'

const EXIT = { measured: 0, incomplete: 3 } as const
/** What a run may take beyond twice its measurements: collecting, and raising a lab, seconds. */
const BEYOND_S = 60

/** What is measured: this network between these ends, or a lab of each of these backends. */
type Subject =
  | { readonly inventory: Inventory; readonly pairs: readonly NamedPair[] }
  | { readonly backends: readonly LabBackend[] }

type Figures = Pick<Throughput, 'networks' | 'order'>

function namesTargets({ host, inventory, etcd, pair }: BenchFlags): boolean {
  return [host, inventory, etcd, pair].some((given) => given !== undefined)
}

async function subjectOf(flags: BenchFlags, around: Surroundings): Promise<Subject> {
  const asked = flags.backend
  if (flags.lab) {
    if (namesTargets(flags))
      throw new InputError('--lab measures labs of its own: leave --host, --inventory, --etcd and --pair out')
    return { backends: asked === undefined ? BACKEND_ORDER : [asked] }
  }
  if (asked !== undefined) throw new InputError('--backend needs --lab: a network has the backend it has')
  const pairs = namedPairs(flags.pair ?? [])
  const inventory = await inventoryOf(flags, around)
  if (inventory.hosts.length >= 2) return { inventory, pairs }
  throw new InputError(
    'bench needs two hosts: name them with --inventory or --host, or measure labs on this machine with --lab',
  )
}

async function measure(subject: Subject, settings: BenchSettings): Promise<Figures> {
  if ('inventory' in subject) {
    return { networks: [await benchNetwork(subject.inventory, subject.pairs, settings)] }
  }
  const networks = []
  for (const backend of subject.backends) {
    if (!settings.signal.aborted) networks.push(await benchLab(backend, settings))
  }
  return { networks, ...(subject.backends.length > 1 && { order: backendOrder(subject.backends, networks) }) }
}

function settingsOf(flags: BenchFlags, subject: Subject, around: Surroundings): BenchSettings {
  const { seconds, streams, rounds } = flags
  const count = 'backends' in subject ? subject.backends.length : Math.max(1, subject.pairs.length)
  const deadline = Math.ceil(count * 2 * pairSeconds({ seconds, rounds })) + BEYOND_S
  const { signal, show } = collectionSettings({ deadline, ...flags }, around)
  return { seconds, streams, rounds, signal, say: around.say, ...present({ show }) }
}

/** The bench command. Throws InputError for wrong flags, a wrong inventory, or ends that are not in the network. */
export async function bench(flags: BenchFlags, around: Surroundings): Promise<CommandOutput> {
  const output = outputOptions(flags, around)
  const { THROUGHPUT_FORMATS } = await import('../../../reports/throughput/throughput-formats.ts')
  namedFormats(THROUGHPUT_FORMATS, output.formats) // refuses a wrong format before minutes of work
  const subject = await subjectOf(flags, around)
  const settings = settingsOf(flags, subject, around)
  const startedAt = Date.now()
  const figures = await measure(subject, settings)
  const interrupted = interruption(settings.signal)
  const { level: _, ...run } = runRecord(startedAt, interrupted === undefined ? {} : { interrupted })
  const { seconds, streams, rounds } = settings
  const throughput: Throughput = {
    schemaVersion: THROUGHPUT_SCHEMA_VERSION,
    run,
    settings: { seconds, streams, rounds },
    ...figures,
  }
  const exit = problemsOf(throughput).length === 0 ? EXIT.measured : EXIT.incomplete
  return { ...renderWith(THROUGHPUT_FORMATS, throughput, output), exit }
}
