/** Rules about what a source file may say, as patterns over its code or its whole text. */
import { isTestFile, lineAt, type SourceFile } from './source-tree.ts'

interface SourceRule {
  readonly binds: (file: SourceFile) => boolean
  readonly forbids: RegExp
  /** `code` leaves comments and strings out, `text` is all. */
  readonly where: 'code' | 'text'
  readonly instead: string
}

const isCheck = ({ path, isTest }: SourceFile): boolean => path.startsWith('checks/') && !isTest
const isDeveloperCommand = ({ path }: SourceFile): boolean => path.startsWith('runners/dev/')
/** A program of its own whose stdout is its answer to the process that started it. */
const isReader = ({ path }: SourceFile): boolean => path === 'runners/datastore/reader.ts'
const isStartUp = ({ path }: SourceFile): boolean => /^runners\/(setup\/|bin\.js$)/.test(path)
const namesCommands = ({ path }: SourceFile): boolean =>
  /^(runners\/(collect\/facts|lab|probe|setup|conformance\/scenarios)|fixtures\/(faults|labs))\//.test(path)
const branchesOnBackend = ({ path }: SourceFile): boolean => /^checks\/(expected|trace|model)\//.test(path)
/** The files that hold the rules must be able to say what they forbid. */
const statesTheRules = ({ path }: SourceFile): boolean =>
  /^(runners\/dev\/(source-rules|tap-summary)|checks\/house-rules\.test)/.test(path)

const RULES: readonly SourceRule[] = [
  {
    binds: isCheck,
    forbids:
      /\bnew Date\(\s*\)|\bDate\.now\b|\bMath\.random\b|(?<![.\w])(performance|console)\.|(?<![.\w])process\.(env|argv|exit|exitCode|std\w+|cwd|pid|hrtime|on|platform)\b|(?<![.\w])(setTimeout|setInterval|fetch)\(/g,
    where: 'code',
    instead: 'checks are pure: the time comes as cluster.now, everything else as a fact',
  },
  {
    binds: isCheck,
    forbids: /\b(async|await)\s/g,
    where: 'code',
    instead: 'a check only compares, it waits for nothing: collect in runners/',
  },
  {
    binds: (file) => isCheck(file) || file.path.startsWith('reports/') || file.path.startsWith('fixtures/'),
    forbids: /\bclass\s+\w+/g,
    where: 'code',
    instead:
      'write plain functions over types; what several checks share goes to checks/expected or checks/model',
  },
  {
    binds: (file) => isCheck(file) && !branchesOnBackend(file),
    forbids:
      /\bbackend(Type)?\s*[!=]==|[!=]==\s*[\w.]*\bbackend(Type)?\b|\bswitch\s*\([^)]*\bbackend(Type)?\)/g,
    where: 'code',
    instead:
      'only checks/expected and checks/trace branch on the backend: declare `backends` or compare with `expected`',
  },
  {
    binds: (file) =>
      file.path !== 'runners/cli/cli.ts' &&
      !isStartUp(file) &&
      !isReader(file) &&
      !isDeveloperCommand(file) &&
      !file.isTest,
    forbids: /\bprocess\.(stdout|exit\b|exitCode)|\bconsole\./g,
    where: 'code',
    instead: 'only runners/cli/cli.ts writes to stdout or sets an exit code: return the value to it',
  },
  {
    binds: (file) => !namesCommands(file) && !file.isTest,
    forbids:
      /\[\s*'(ip|iptables(-save|-legacy|-nft)?|ip6tables|nft|tcpdump|etcdctl)'\s*,|\[\s*'bridge',\s*'(fdb|link|vlan|monitor|-)|\[\s*'docker',\s*'(ps|inspect|run|exec|network)'/g,
    where: 'text',
    instead:
      'commands are written in runners/collect/facts, runners/probe, runners/lab, runners/conformance/scenarios or fixtures/faults only',
  },
  {
    binds: () => true,
    forbids: /\bneighbor\w*|\w+Neighbor\w*/gi,
    where: 'code',
    instead: 'spell it neighbour, as ip-neighbour(8) does',
  },
  {
    binds: (file) => !statesTheRules(file),
    forbids: /\b(TODO|FIXME|XXX)\b/g,
    where: 'text',
    instead: 'do it now or write down in the README what is not covered',
  },
  {
    binds: (file) => !statesTheRules(file),
    forbids: /\/(work\/(main|shared)|home\/\w+|Users\/\w+|tmp\/w)\//g,
    where: 'text',
    instead: 'this path exists on one machine only: take it from the environment or make a temporary one',
  },
  {
    binds: ({ path, isTest }) => isTest && path !== 'runners/test-needs.test.ts',
    forbids: /\btest(\.\w+)*\.skip\b/g,
    where: 'code',
    instead:
      'what a test needs of the machine is declared in runners/test-needs.ts, so that CI=true can fail it',
  },
  {
    binds: ({ path }) => !/^runners\/dev\/(import-graph|source-rules)\.ts$/.test(path),
    forbids: /\bimport\.meta\.url\)\.pathname|\b(ROOT|HERE|FOLDER|directory|folder)\.pathname/g,
    where: 'code',
    instead: 'a space in the path would be %20: fileURLToPath() gives the file name',
  },
  {
    binds: ({ path, isTest }) => isTest && !path.startsWith('checks/'),
    forbids: /(['"`=]|unix:\/\/)\/(nonexistent|nowhere|absent|missing|no-such|does-not)[\w.-]*/g,
    where: 'text',
    instead: 'some machine has this path: name one below import.meta.dirname, the folder of the test',
  },
  {
    binds: (file) => !file.isTest && !file.path.startsWith('fixtures/'),
    forbids:
      /(?:\b(?:unsure|problem|reason|detail): |Error\(\s*(?:'[\w-]+',\s*)?)(['"`])(?:(?!(?:Docker|Network|NetworkManager|Kubernetes|Node|Go|Linux) )[A-Z][a-z]+ |[^'"`\n]*[^.'"`]\.\1)/g,
    where: 'text',
    instead: 'a message begins with a small letter, unless with a name, and has no full stop at its end',
  },
  {
    binds: (file) => !file.path.startsWith('reports/') && !statesTheRules(file),
    forbids:
      /\.\.\.\((\w[\w.]*) (?:!== undefined && \{ (?:\1|\w+: \1) \}|=== undefined \? \{\} : \{ (?:\1|\w+: \1) \})\)/g,
    where: 'text',
    instead: 'write ...present({ name }) of checks/model/present.ts',
  },
  {
    binds: (file) => file.path.endsWith('.ts'),
    forbids: /\b(enum|namespace)\s+\w+\s*\{/g,
    where: 'code',
    instead: 'Node runs the source by removing types: use a union of strings',
  },
]

/** A sentence for every place where a file breaks a rule. */
export function brokenRules(file: SourceFile): string[] {
  return RULES.filter((rule) => rule.binds(file)).flatMap((rule) =>
    [...file[rule.where].matchAll(rule.forbids)].map(
      (match) =>
        `${file.path}:${lineAt(file.text, match.index)} has \`${match[0].trim()}\`. ${rule.instead}.`,
    ),
  )
}

const BANNED_NAMES =
  /(^|[-/.])(utils?|helpers?|common|managers?|misc|lib|core|types|constants?-and|shared|stuff)(?=[-/.])/

/** A sentence for a file or folder whose name says nothing about what is in it. */
export function vagueNames(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const word = BANNED_NAMES.exec(path)?.[2]
    const kebab = /^[a-z0-9-]+(\.(test|bench|d))?\.(ts|js)$/.test(path.split('/').at(-1) ?? '')
    return [
      ...(word === undefined ? [] : [`${path} is named "${word}": name the file after what is in it.`]),
      ...(kebab ? [] : [`${path} is not in kebab-case: write it in small letters with hyphens.`]),
    ]
  })
}

/** Files of one folder that are no tests: with more of them nobody sees which to open. */
const MOST_FILES = 45

/** A sentence for a folder of code with too many files next to each other; faults are data, and found by their names. */
export function crowdedFolders(paths: readonly string[]): string[] {
  const code = paths.filter((path) => !isTestFile(path) && !path.startsWith('fixtures/'))
  const folders = Map.groupBy(code, (path) => path.slice(0, path.lastIndexOf('/')))
  return [...folders]
    .filter(([, files]) => files.length > MOST_FILES)
    .map(
      ([folder, files]) =>
        `${folder} has ${files.length} files next to each other: move them to folders by what they are about.`,
    )
}
