/** Output in a format of its own, or as a generated section of a Markdown document that is already there. */
import { existsSync, readFileSync } from 'node:fs'
import { namedFormat } from './named-format.ts'
import type { CommandOutput } from './output.ts'

/** Puts a section between the markers of a document, which stay; a document without them is only the section. */
function between(document: string, section: string, name: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [before, rest] = document.split(start)
  const after = rest?.split(end)[1]
  if (rest === undefined || after === undefined) return section
  return `${before}${start}\n\n${section}\n${end}${after}`
}

/** Renders for `--format`; Markdown for a file replaces that file's section of this name. Throws InputError. */
export function renderedSection(
  texts: Readonly<Record<string, () => string>>,
  asked: string,
  section: string,
): Pick<CommandOutput, 'stdout' | 'files'> {
  const { name, format: text, file } = namedFormat(texts, asked)
  if (file === undefined) return { stdout: text() }
  const document = name === 'markdown' && existsSync(file) ? readFileSync(file, 'utf8') : ''
  return { stdout: '', files: new Map([[file, between(document, text(), section)]]) }
}
