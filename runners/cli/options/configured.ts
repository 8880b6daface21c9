/** A command with what its configuration file says, if it takes one. */
import type { Command } from 'commander'
import { finish, Told } from './failed-output.ts'
import { isConfig, type Surroundings } from './options.ts'

/**
 * Only commands that take a configuration file load its reader. The file may say something of every command of the `whole` program. One that
 * is wrong is told in the formats that were asked for, as any other wrong input.
 */
export async function configured(
  command: Command,
  whole: () => Command,
  around: Surroundings,
): Promise<void> {
  if (!command.options.some(isConfig)) return
  try {
    const { applyConfig } = await import('./config-file.ts')
    await applyConfig(whole, command)
  } catch (error) {
    await finish(Promise.reject(error), command.opts(), around)
    throw new Told()
  }
}
