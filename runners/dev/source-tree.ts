/** The project's own source files, as the tests of its rules read them. */
import { readdirSync, readFileSync } from 'node:fs'
import { codeOnly } from './code-only.ts'

export interface SourceFile {
  /** From the project's root: `checks/fdb/peer-vtep.ts`. */
  readonly path: string
  readonly text: string
  /** The text with comments and the contents of strings blanked out; same length and lines. */
  readonly code: string
  readonly isTest: boolean
}

const ROOT = new URL('../../', import.meta.url)
const FOLDERS = ['checks', 'fixtures', 'reports', 'runners']

/** Tests, and what only tests import. */
export function isTestFile(path: string): boolean {
  return /(\.test|-for-tests)\.ts$/.test(path) || path === 'checks/tester.ts'
}

export function sourceFile(path: string, text: string): SourceFile {
  return { path, text, code: codeOnly(text), isTest: isTestFile(path) }
}

/** Every .ts and .js file below the four folders, without declaration files and recorded states. */
export function readSourceTree(): SourceFile[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|js)$/.test(name) && !name.endsWith('.d.ts'))
      .map((name) => `${folder}/${name}`)
      .filter((path) => !path.startsWith('fixtures/states/') && !path.startsWith('fixtures/fault-states/'))
      .map((path) => sourceFile(path, readFileSync(new URL(path, ROOT), 'utf8'))),
  )
}

/** The line, counted from 1, at which an offset of the text lies. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
