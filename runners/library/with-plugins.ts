/** The plugins that a program of somebody's names. */
import { type LoadedPlugins, NO_PLUGINS } from '../plugins/loaded-plugins.ts'

/** Works with plugins, as files and packages from the working directory, and ends them afterwards. */
export async function withPlugins<T>(
  plugins: readonly string[] | undefined,
  work: (loaded: LoadedPlugins) => Promise<T>,
): Promise<T> {
  if (plugins === undefined || plugins.length === 0) return work(NO_PLUGINS)
  const { loadPlugins } = await import('../plugins/load-plugins.ts')
  const from = process.cwd()
  const loaded = await loadPlugins(plugins.map((named) => ({ named, from, by: 'plugins:', isTyped: true })))
  return work(loaded).finally(loaded.close)
}
