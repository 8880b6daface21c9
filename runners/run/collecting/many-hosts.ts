/** What is done for the memory of networks of many hosts. */
import { setFlagsFromString } from 'node:v8'

/** Of fewer hosts memory is no matter. */
export const areMany = (hosts: number): boolean => hosts >= 16

/**
 * V8 doubles its space for new objects while much of what is there lives on, as parsed hosts do, up to a hundred MiB:
 * a third of all memory of a large network, which saves no time. Before hosts are read it has what loading our own code
 * took: with many of them it stays as large as it is then, whatever else the machine has to do meanwhile.
 */
export function keepNewSpace(hosts: number): void {
  if (areMany(hosts)) setFlagsFromString('--semi-space-growth-factor=1')
}
