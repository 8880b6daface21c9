/** What a plugin's check sees of the network beside its facts. */
import type { PluginContext, PluginHostCheck } from './contract.ts'

/** The context with the observations that the check declared, and no others. */
export function seenContext(
  { observes = [] }: Pick<PluginHostCheck, 'observes'>,
  { observations, ...context }: PluginContext,
): PluginContext {
  return { ...context, observations: observations.filter(({ kind }) => observes.includes(kind)) }
}
