/** How docker.service takes the options that mk-docker-opts.sh has written into a file. */
import type { Draft } from '../check.ts'
import { dockerOption, fileOption } from '../expected/docker-option.ts'
import { keep, RESTART_DOCKER, run } from '../heal/steps.ts'
import { type DropIn, execDropIn } from '../heal/unit-drop-in.ts'
import type { HealStep } from '../heal-step.ts'
import type { Docker } from '../model/container-bridge.ts'
import type { DockerOptions, DockerOptionsFile } from '../model/docker-options.ts'
import type { ServiceUnit } from '../model/service-unit.ts'
import { isPlainCommand } from '../model/shell-words.ts'

/** True when the command line cannot be judged: a script of its own, or cut where a secret was. */
function isOpaque(command: string): boolean {
  const [program = ''] = command.split(' ')
  return !/\/(dockerd|docker|dockerd-current|docker-latest)$/.test(program) || command.endsWith('********')
}

function isRead(
  { path, variables }: DockerOptionsFile,
  { environmentFiles, commands }: ServiceUnit,
): boolean {
  const isNamed = environmentFiles.some((file) => file.path === path || /[*?[]/.test(file.path))
  const isUsed = variables.some(({ name }) =>
    commands.some((command) => new RegExp(`\\$\\{?${name}\\b`).test(command)),
  )
  return isNamed && isUsed
}

/** The variable with several options that stands in braces only: there it is one word (systemd.service(5), "Command lines"). */
function oneWord({ files }: DockerOptions, { environmentFiles, commands }: ServiceUnit): string | undefined {
  const named = files.filter(({ path }) => environmentFiles.some((file) => file.path === path))
  const several = named.flatMap(({ variables }) => variables.filter(({ words }) => words > 1))
  const isInBraces = (name: string): boolean => commands.some((command) => command.includes(`\${${name}}`))
  const isSplit = (name: string): boolean =>
    commands.some((command) => new RegExp(`\\$${name}\\b`).test(command))
  return several.find(({ name }) => isInBraces(name) && !isSplit(name))?.name
}

/** A file beside the unit is written and Docker started with it; no step where none can be written. */
function startedWith(file: DropIn | undefined, effect: string): readonly HealStep[] {
  if (file === undefined) return []
  return [
    keep(file.command, effect, file.undo),
    run('systemctl daemon-reload', 'systemd reads the file'),
    RESTART_DOCKER,
  ]
}

/** Options that are one word for dockerd. */
export function* optionsAsOneWord(
  unit: ServiceUnit,
  options: DockerOptions,
): Iterable<Draft<'options-as-one-word'>> {
  const variable = oneWord(options, unit)
  if (variable === undefined) return
  const [braces, plain] = [`\${${variable}}`, `$${variable}`]
  const commands = unit.commands.map((command) => command.replaceAll(braces, plain))
  const file = execDropIn({ ...unit, commands }, '')
  yield {
    code: 'options-as-one-word',
    object: unit.name,
    expected: plain,
    observed: `${variable} in braces`,
    data: { variable },
    heal: startedWith(file, 'Docker gets each option as a word of its own'),
  }
}

/** True when the subnet comes to dockerd by another way than variables: its flags, daemon.json, a script. */
function hasOtherWay(unit: ServiceUnit, docker: Docker): boolean {
  if (unit.commands.length === 0 || dockerOption(docker, 'bip') !== undefined) return true
  return unit.commands.some((command) => isOpaque(command) || / --bip[= ]/.test(command))
}

/** The unit reads the file and hands its variable to dockerd; no step for a command line that cannot be written again. */
function readingFile(unit: ServiceUnit, path: string, variable: string): readonly HealStep[] {
  if (!isPlainCommand(`cat ${path} ${variable}`)) return []
  const file = execDropIn(unit, ` $${variable}`, String.raw`EnvironmentFile=-${path}\n`)
  return startedWith(file, 'Docker is started with what flannel says')
}

/** Options that no variable of the unit gives to dockerd. */
export function* optionsNotRead(
  unit: ServiceUnit,
  docker: Docker,
  { files }: DockerOptions,
): Iterable<Draft<'options-not-read'>> {
  const written = files.filter(
    (file) => file.path.startsWith('/run/') && fileOption(file, 'bip') !== undefined,
  )
  const [first] = written
  if (first === undefined || hasOtherWay(unit, docker) || written.some((file) => isRead(file, unit))) return
  const observed = unit.environmentFiles.map(({ path }) => path).join(' ') || 'no EnvironmentFile'
  const variable = first.variables.at(-1)?.name ?? 'DOCKER_OPTS'
  const data = { path: first.path, variable }
  yield {
    code: 'options-not-read',
    object: unit.name,
    expected: `${first.path} with ${variable}`,
    observed,
    data,
    heal: readingFile(unit, first.path, variable),
  }
}
