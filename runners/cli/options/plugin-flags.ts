/** `--plugin` and the plugins of a configuration file, loaded; without any their code is not. */
import { InputError } from '../../input-error.ts'
import { type LoadedPlugins, NO_PLUGINS } from '../../plugins/loaded-plugins.ts'
import type { PluginFlags } from './flags.ts'

/** What the plugins of a command bring. Throws InputError for one that is not there or not trusted. */
export async function pluginsOf({ plugin = [], configPlugins = [] }: PluginFlags): Promise<LoadedPlugins> {
  const typed = plugin.map((named) => ({ named, from: process.cwd(), by: '--plugin', isTyped: true }))
  const all = [...configPlugins, ...typed]
  if (all.length === 0) return NO_PLUGINS
  const { loadPlugins } = await import('../../plugins/load-plugins.ts')
  return loadPlugins(all)
}

/** The same for a command that has no report to say in what could not be loaded. Throws InputError for that as well. */
export async function wholePluginsOf(flags: PluginFlags): Promise<LoadedPlugins> {
  const plugins = await pluginsOf(flags)
  const [failure] = plugins.failures
  if (failure !== undefined) throw new InputError(`${failure.check}: ${failure.reason}`)
  return plugins
}
