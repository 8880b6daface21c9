/** `lab inject|heal|matrix`. */

import { present } from '../../../checks/model/present.ts'
import { isFor } from '../../../fixtures/fault.ts'
import { isMatrixClean, type Matrix } from '../../../reports/matrix/matrix.ts'
import { matrixMarkdown, matrixText } from '../../../reports/matrix/matrix-text.ts'
import { InputError } from '../../input-error.ts'
import { adoptFlanneld } from '../../lab/daemons/adopt-flanneld.ts'
import { heal } from '../../lab/faults/heal.ts'
import { findFault, inject } from '../../lab/faults/inject.ts'
import { faultNamed } from '../../lab/matrix/chosen-faults.ts'
import { type MatrixExtent, runMatrix } from '../../lab/matrix/matrix.ts'
import type { MatrixOptions } from '../../lab/matrix/matrix-faults.ts'
import type { LabBackend } from '../../lab/plan/plan-config.ts'
import { recordFaults } from '../../lab/recording/record-faults.ts'
import { findLab } from '../../lab/running/state.ts'
import type { LoadedPlugins } from '../../plugins/loaded-plugins.ts'
import type { LabFlags, LabInjectFlags, LabMatrixFlags } from '../options/flags.ts'
import { renderedAs } from '../options/named-format.ts'
import type { Surroundings } from '../options/options.ts'
import type { CommandOutput } from '../options/output.ts'
import { wholePluginsOf } from '../options/plugin-flags.ts'

/** Heals what is injected, then injects one fault. Throws LabError for a fault, host or lab there is none of. */
export async function injectFault(
  id: string,
  flags: LabInjectFlags,
  around: Surroundings,
): Promise<CommandOutput> {
  const { faults } = await wholePluginsOf(flags)
  const fault = faults.find((one) => one.id === id) ?? findFault(id)
  const lab = adoptFlanneld(findLab(flags.name))
  const healed = await heal(lab.name)
  if (healed.length > 0) around.say(`healed ${healed.join(', ')}`)
  const victim = flags.host ?? lab.hosts.at(-1)?.name ?? ''
  const peer = flags.peer ?? lab.hosts.find(({ name }) => name !== victim)?.name ?? ''
  await inject(lab.name, fault, { victim, peer })
  const stdout = [
    `injected ${fault.id} on ${victim}, peer ${peer}: ${fault.title}`,
    `find it: npx flannel-doctor check --inventory ${lab.inventory}`,
    `undo it: npx flannel-doctor lab heal --name ${lab.name}`,
    '',
  ].join('\n')
  return { stdout, exit: 0 }
}

/** Undoes what is injected. */
export async function healLab(flags: LabFlags): Promise<CommandOutput> {
  const lab = adoptFlanneld(findLab(flags.name))
  const healed = await heal(lab.name)
  const stdout = healed.length === 0 ? 'nothing is injected\n' : `healed ${healed.join(', ')}\n`
  return { stdout, exit: 0 }
}

/** The backends asked for. No cluster runs udp. */
function backendsOf({ backend, kubernetes }: LabMatrixFlags): readonly LabBackend[] {
  if (backend !== undefined) return [backend]
  return kubernetes ? ['vxlan', 'host-gw'] : ['vxlan', 'host-gw', 'udp']
}

function rendered(
  matrices: readonly Matrix[],
  format: LabMatrixFlags['format'],
): Pick<CommandOutput, 'stdout' | 'files'> {
  const texts = {
    text: () => matrices.map(matrixText).join('\n'),
    markdown: () => matrixMarkdown(matrices),
    json: () => `${JSON.stringify(matrices.length === 1 ? matrices[0] : matrices, null, 2)}\n`,
  }
  return renderedAs(texts, format)
}

/** The faults named; refuses those there are none of or that the labs asked for have not. */
function askedFaults(
  { fault = [], backend, kubernetes }: LabMatrixFlags,
  plugins: LoadedPlugins,
): readonly string[] {
  const datastore = kubernetes ? 'kubernetes' : 'etcd'
  const faults = fault.map((id) => faultNamed(id, plugins))
  for (const one of faults) {
    const { id, backends } = one
    if (backend !== undefined && !backends.includes(backend))
      throw new InputError(`--fault ${id}: not for ${backend}, only for ${backends.join(', ')}`)
    if (!isFor(one, datastore))
      throw new InputError(`--fault ${id}: not for labs whose leases are in ${datastore}`)
  }
  return faults.map(({ id }) => id)
}

/** The matrix of one backend; with a directory its faults are recorded there. */
async function runRecorded(asked: MatrixOptions, extent: MatrixExtent, directory?: string): Promise<Matrix> {
  if (directory === undefined) return runMatrix(asked, extent)
  const recording = recordFaults(directory, asked.signal)
  const matrix = await runMatrix({ ...asked, recording }, extent)
  asked.say(recording.summary())
  return matrix
}

/**
 * Runs the matrix of the backends asked for, all without one. Exit 0 when everything is as it must
 * be, else 1. Throws LabError or InputError for a fault, backend or format there is none of.
 */
export async function matrix(flags: LabMatrixFlags, around: Surroundings): Promise<CommandOutput> {
  const plugins = await wholePluginsOf(flags)
  const faults = askedFaults(flags, plugins)
  const format = flags.format
  rendered([], format) // refuses a wrong format before minutes of work
  const pairs = flags.pairs
  const directory = flags.record
  const extent = {
    healthy: faults.length === 0 && directory === undefined,
    ...present({ pairs }),
  }
  const matrices: Matrix[] = []
  const { trace, fix, kubernetes } = flags
  for (const backend of backendsOf(flags)) {
    const more = present({ trace, fix, kubernetes })
    const asked = { backend, faults, plugins, signal: around.signal, say: around.say, ...more }
    matrices.push(await runRecorded(asked, extent, directory))
  }
  return { ...rendered(matrices, format), exit: matrices.every(isMatrixClean) ? 0 : 1 }
}
