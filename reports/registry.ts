/** Every output format by name. Adding one is a file and a line here. */
import { json } from './json.ts'
import type { Reporter } from './report.ts'
import { text } from './text.ts'

export const REPORTERS: Readonly<Record<string, Reporter>> = { text, json }
