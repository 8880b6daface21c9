/** Memory that V8 takes for new objects. */
import { setFlagsFromString } from 'node:v8'

/** Of fewer hosts memory is no matter. */
const MANY_HOSTS = 16

/**
 * V8 doubles its space for new objects while much of what is there lives on, as parsed hosts do, up to a hundred MiB:
 * a third of all memory of a large network, which saves no time. Once this many hosts were read it stays as large
 * as it is.
 */
export function keepNewSpace(hostsRead: number): void {
  if (hostsRead === MANY_HOSTS) setFlagsFromString('--semi-space-growth-factor=1')
}
