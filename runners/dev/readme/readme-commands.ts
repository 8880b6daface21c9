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
  { begins: 'npm ci &&', file: '.github/workflows/test.yml', says: 'npm run one-file' },
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

/** Every line of the blocks of shell. */
export function readmeCommands(text: string): readonly ReadmeCommand[] {
  const lines = blocks(text, 'sh').flatMap((block) => block.split('\n'))
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ line, exit: Number(/ # .*exit status (\d+)/.exec(line)?.[1] ?? 0) }))
}

/** The proof that runs this command, where it is another. */
export function provenElsewhere({ line }: ReadmeCommand): Elsewhere | undefined {
  return ELSEWHERE.find(({ begins }) => line.startsWith(begins))
}
