/**
 * `flannel-doctor.yaml`: what the flags of a command are unless they are typed, and findings that are accepted for a
 * while. It is the one that `--config` names, else the one beside the inventory.
 */
import { existsSync, type Stats } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command, Option } from 'commander'
import type { Waiver } from '../../../checks/diagnosis/waivers.ts'
import { printable } from '../../../reports/layout/printable.ts'
import { readNamedFile } from '../../files/read-named-file.ts'
import { FileProblem, readRegularFile } from '../../files/read-regular-file.ts'
import { InputError } from '../../input-error.ts'
import type { NamedPlugin } from '../../plugins/plugin-file.ts'
import type { CommandOptions, FlagValues } from './config-schema.ts'
import { isConfig, isPlugin } from './options.ts'

const CONFIG_NAME = 'flannel-doctor.yaml'
const MOST_BYTES = 1024 * 1024
const WRITABLE_FOR_ALL = 0o002
const WRITABLE_FOR_GROUP = 0o020

/** Flags that name files to be read: their paths are relative to the configuration file. */
const READ_PATHS = new Set(['inventory', 'etcd-ca', 'etcd-cert', 'etcd-key', 'kubeconfig'])

interface Config {
  readonly defaults?: FlagValues
  readonly commands?: Readonly<Record<string, FlagValues>>
  readonly waivers?: readonly Waiver[]
  readonly plugins?: readonly string[]
}

/** A file that nobody named may name files to be written: it is trusted from ourselves and root alone. */
function refuseForeign({ uid, gid, mode }: Stats): void {
  if (uid !== 0 && uid !== process.getuid?.())
    throw new FileProblem('', 'belongs to another user; name it by --config to use it')
  if ((mode & WRITABLE_FOR_ALL) !== 0)
    throw new FileProblem('', 'everybody may write to it; name it by --config to use it')
  // A user's own group is mostly theirs alone, and some write files that it may change.
  if ((mode & WRITABLE_FOR_GROUP) !== 0 && gid !== process.getgid?.())
    throw new FileProblem('', 'a group that is not yours may write to it; name it by --config to use it')
}

interface ConfigText {
  readonly path: string
  /** The user named it. */
  readonly isTyped: boolean
  readonly text: string
}

async function configText(command: Command): Promise<ConfigText | undefined> {
  const { config, inventory } = command.opts<{ config?: string; inventory?: string }>()
  const path = config ?? (inventory === undefined ? undefined : join(dirname(inventory), CONFIG_NAME))
  if (path === undefined || (config === undefined && !existsSync(path))) return undefined
  try {
    const text =
      config === undefined
        ? readRegularFile(path, { mostBytes: MOST_BYTES, refuse: refuseForeign }).toString('utf8')
        : await readNamedFile(path, MOST_BYTES)
    return { path, text, isTyped: config !== undefined }
  } catch (error) {
    if (error instanceof FileProblem) throw new InputError(`${printable(path)}: ${error.message}`)
    throw error
  }
}

async function parsedConfig(
  { path, text }: ConfigText,
  whole: () => Command,
  command: Command,
): Promise<Config> {
  const commands = configurable(whole())
  const [{ readYaml }, { everyProblem }, { configSchema, configKeys }] = await Promise.all([
    import('../../inventory/yaml-source.ts'),
    import('../../inventory/problems.ts'),
    import('./config-schema.ts'),
  ])
  const { source, content } = readYaml(text, path, 'a configuration')
  const hasPlugins = command.getOptionValue('plugin') !== undefined || Object.hasOwn(content ?? {}, 'plugins')
  const parsed = configSchema(commands, hasPlugins).safeParse(content ?? {})
  if (parsed.success) return parsed.data as Config
  throw new InputError(everyProblem({ ...source, keys: configKeys(commands) }, parsed.error.issues, content))
}

/** Options of the commands that take a configuration file. */
export function configurable(program: Command): CommandOptions {
  const commands = program.commands.filter(({ options }) => options.some(isConfig))
  return Object.fromEntries(
    commands.map((command) => [
      command.name(),
      command.options.filter((option) => !isConfig(option) && !isPlugin(option)),
    ]),
  )
}

/** Options that came from `source` and exclude the one, or are excluded by it. */
function excluded(command: Command, option: Option, source: 'cli' | 'config'): Option | undefined {
  const of = (other: Option): boolean => command.getOptionValueSource(other.attributeName()) === source
  return command.options.find(
    (other) =>
      of(other) &&
      // commander keeps what `Option.conflicts` was told under this name.
      [[option, other] as const, [other, option] as const].some(([one, two]) =>
        (one as Option & { conflictsWith: readonly string[] }).conflictsWith.includes(two.attributeName()),
      ),
  )
}

interface Given {
  readonly path: string
  readonly values: FlagValues
}

async function giveDefaults(command: Command, { path, values }: Given): Promise<void> {
  const { flagName, parsedValue } = await import('./config-schema.ts')
  for (const option of command.options) {
    const [name, key] = [flagName(option), option.attributeName()]
    const value = values[name]
    const isTyped =
      command.getOptionValueSource(key) === 'cli' || excluded(command, option, 'cli') !== undefined
    if (value === undefined || value === false || isTyped) continue
    const other = excluded(command, option, 'config')
    if (other !== undefined)
      throw new InputError(`${printable(path)}: ${name} and ${flagName(other)} exclude each other`)
    const given = READ_PATHS.has(name) ? resolve(dirname(path), String(value)) : value
    command.setOptionValueWithSource(key, parsedValue(option, given), 'config')
  }
}

/** Plugins as a file names them: of one that nobody named, only those that are nobody else's. */
function namedIn({ path, isTyped }: ConfigText, plugins: readonly string[]): readonly NamedPlugin[] {
  return plugins.map((named) => ({
    named,
    from: dirname(resolve(path)),
    by: `${printable(path)}: plugins:`,
    isTyped,
  }))
}

/**
 * Gives a command what its configuration file says and its command line does not, and its waivers as `waivers`.
 * Throws InputError with every mistake of the file.
 */
export async function applyConfig(whole: () => Command, command: Command): Promise<void> {
  const found = await configText(command)
  if (found === undefined) return
  const { defaults, commands, waivers, plugins } = await parsedConfig(found, whole, command)
  await giveDefaults(command, { path: found.path, values: { ...defaults, ...commands?.[command.name()] } })
  if (waivers !== undefined) command.setOptionValueWithSource('waivers', waivers, 'config')
  if (plugins !== undefined && command.options.some(isPlugin))
    command.setOptionValueWithSource('configPlugins', namedIn(found, plugins), 'config')
}
