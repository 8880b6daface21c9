/** The text format of OpenMetrics 1.0: families of samples, escaped. */
import { printable } from '../layout/printable.ts'

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels?: Labels
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: 'gauge'
  readonly unit?: string
  readonly help: string
  readonly samples: readonly Sample[]
}

/** The value of a label. */
export const escaped = (text: string): string =>
  printable(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')

function sampleLine(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

function familyLines({ name, type, unit, help, samples }: Family): string[] {
  if (samples.length === 0) return []
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...samples.map((sample) => sampleLine(name, sample)),
  ]
}

/** A whole exposition; a family without samples is left out. */
export function exposition(families: readonly Family[]): string {
  return `${[...families.flatMap(familyLines), '# EOF'].join('\n')}\n`
}
