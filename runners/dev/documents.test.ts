/** The READMEs name files, commands and floors that are there. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { BUILDINGS } from './folder-floors.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const DOCUMENTS = [
  ...globSync('{checks,fixtures,reports,runners}/**/README.md', { cwd: ROOT }),
  ...['README.md', 'SECURITY.md', '.github/CONTRIBUTING.md', '.github/pull_request_template.md'],
]
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }

/** `folder/`, `folder/file.ts` or `file.ts` between backquotes, from the root or the end of a path below the README; words in capitals and patterns stand for something. */
const PATH = /`((?:[\w.@-]+\/)*[\w.@-]+(?:\/|\.(?:ts|js|md|json|sh|yaml|yml)))`/g
/** What a user or a run makes, and files of others. */
const NOT_OURS =
  /^(hosts\.yaml|flannel-doctor\.yaml|daemon\.json|injected\.json|kubectl\.yaml|mk-docker-opts\.sh|subject\.|\.test|index\.ts|flannel-doctor\/|dist\/|pkg\/|main\.go)|[A-Z]{2,}/

for (const document of DOCUMENTS) {
  test(`${document} names files that are there`, (t) => {
    const here = join(ROOT, dirname(document))
    const beside = dirname(document) === '.' ? [] : globSync('**/*', { cwd: here })
    const isThere = (path: string): boolean =>
      [join(ROOT, path), join(here, path)].some((at) => existsSync(at)) ||
      beside.some((file) => `/${file}`.endsWith(`/${path.replace(/\/$/, '')}`))
    const named = [...read(document).matchAll(PATH)].map(([, path = '']) => path)
    t.deepEqual(
      named.filter((path) => !NOT_OURS.test(path) && !isThere(path)),
      [],
    )
  })

  test(`${document} names npm commands that are there`, (t) => {
    const named = [...read(document).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, script = '']) => script)
    t.deepEqual(
      named.filter((script) => scripts[script] === undefined),
      [],
    )
  })
}

for (const { folder, floors } of BUILDINGS) {
  const document = `${folder}/README.md`
  test(`${document} has every floor, in its order`, (t) => {
    const rows = [...read(document).matchAll(/^\| ((?:`[\w-]+\/`(?:, )?)+) \|/gm)].map(([, cell = '']) =>
      [...cell.matchAll(/`([\w-]+)\/`/g)].map(([, name]) => name),
    )
    const folders = floors.map((floor) => floor.filter((name) => name !== ''))
    t.deepEqual(rows, folders.filter((floor) => floor.length > 0) as never)
  })
}
