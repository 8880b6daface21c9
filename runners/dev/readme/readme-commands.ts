/** The commands of README.md, as its reader pastes them, and where those are run that are not run beside a lab. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../installed-package.ts'

export interface ReadmeCommand {
  readonly line: string
  /** What it ends with in the order of the README: 0 unless its comment says `exit status N`. */
  readonly exit: number
}

/** A command that is run by another proof, which says these words. */
interface Elsewhere {
  readonly begins: string
  readonly file: string
  readonly says: string
}

const ELSEWHERE: readonly Elsewhere[] = [
  { begins: 'npm install -g', file: 'runners/dev/readme/installed-for-users.ts', says: 'npm install -g' },
  {
    begins: 'flannel-doctor check --kubeconfig',
    file: 'runners/inventory/kubernetes-target.test.ts',
    says: 'kubeconfig',
  },
  {
    begins: 'npm ci && npm run build && npm run one-file',
    file: '.github/workflows/test.yml',
    says: 'npm run one-file',
  },
  {
    begins: 'npm ci && npm run build && npm run deb && sudo apt',
    file: 'runners/dev/deb/try-deb.ts',
    says: 'apt-get -qy install',
  },
  {
    begins: 'npm ci && npm run build && npm run deb && docker',
    file: 'runners/dev/image/try-image.ts',
    says: "docker('build'",
  },
  { begins: 'docker run', file: 'runners/dev/image/run-image.ts', says: 'checkOfHost()' },
  { begins: 'npm start', file: 'runners/dev/fresh/fresh.ts', says: `'npm start'` },
  { begins: 'npm test', file: 'runners/dev/fresh/fresh.ts', says: `'npm test'` },
]

export const readme = (): string => readFileSync(join(ROOT, 'README.md'), 'utf8')

/** The contents of fenced blocks in that language, in their order. */
export function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, tag, block = '']) =>
    tag === language ? [block] : [],
  )
}

/** The examples in the docstrings of the library, as `npm run docs` shows them. */
export function libraryExamples(): readonly string[] {
  const source = readFileSync(join(ROOT, 'runners/library/network.ts'), 'utf8')
  return blocks(source.replaceAll(/^ \* ?/gm, ''), 'js')
}

/** Every line of the blocks of shell. */
export function readmeCommands(text: string): readonly ReadmeCommand[] {
  const lines = blocks(text, 'sh').flatMap((block) => block.replaceAll('\\\n', '').split('\n'))
  return lines
    .filter((line) => line !== '' && !line.trim().startsWith('#'))
    .map((line) => ({ line, exit: Number(/ # .*exit status (\d+)/.exec(line)?.[1] ?? 0) }))
}

/** The proof that runs this command, where it is another. */
export function provenElsewhere({ line }: ReadmeCommand): Elsewhere | undefined {
  return ELSEWHERE.find(({ begins }) => line.startsWith(begins))
}
