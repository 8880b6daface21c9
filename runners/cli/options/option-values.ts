/** What stands behind an option, read and refused. */
import { InvalidArgumentError } from 'commander'

/** Gathers a repeatable option. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** Gathers a repeatable option of words separated by commas. */
export function commaList(value: string, before: string[] = []): string[] {
  const words = value.split(',').filter((word) => word !== '')
  if (words.length === 0) throw new InvalidArgumentError('expected words separated by commas')
  return [...before, ...words]
}

/** Reads `what` between two bounds. */
export function wholeNumber(least: number, most: number, what = 'a whole number'): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (Number.isInteger(number) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`expected ${what} from ${least} to ${most}`)
  }
}

/** A whole number from 1 to `most`. */
export function upTo(most: number): (value: string) => number {
  return wholeNumber(1, most)
}

/** A whole number from 1; used for seconds and counts. */
export const positive = wholeNumber(1, 1_000_000)

/** Bytes of an IP packet: room for ping's headers and our mark, at most what IPv4 allows. */
export const packetSize = wholeNumber(60, 65_535)
