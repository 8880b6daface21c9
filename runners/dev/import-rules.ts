/** Which folder may import which. A rule that is broken gives a sentence saying where and what to do. */
import { BUILDINGS, type Building, climbsFloors } from './folder-floors.ts'
import type { Import } from './import-graph.ts'
import { isTestFile } from './source-tree.ts'

interface ImportRule {
  /** The importing files the rule binds. */
  readonly binds: (path: string) => boolean
  /** What such a file must not import. */
  readonly forbids: (found: Import) => boolean
  readonly instead: string
}

const below = (...folders: readonly string[]) => {
  return (path: string): boolean => folders.some((folder) => path.startsWith(`${folder}/`))
}

const inChecks = below('checks')
const inExpected = below('checks/expected', 'checks/model')
/** The contract files at the top of checks/ that every check may import. */
const isContract = (path: string): boolean =>
  /^checks\/[\w-]+\.ts$/.test(path) && !/^checks\/(registry|evaluate|tester|check-table)\.ts$/.test(path)
/** What a check declares and is given: of these the expected state knows the types. */
const DECLARATIONS: readonly string[] = ['checks/check.ts', 'checks/view.ts']
const SHARED_FOLDERS = ['model', 'expected', 'trace', 'diagnosis', 'heal', 'verdict']

/** `checks/fdb/…` → `fdb`; undefined for files that belong to no layer. */
function layerOf(path: string): string | undefined {
  const folder = /^checks\/([\w-]+)\//.exec(path)?.[1]
  return folder === undefined || SHARED_FOLDERS.includes(folder) ? undefined : folder
}

/** What every check, the packet walk and the diagnosis may build on. */
const inFoundation = (path: string): boolean => inExpected(path) || isContract(path)

function isForeignToLayer({ from, to, isPackage }: Import): boolean {
  if (isPackage || !inChecks(to)) return false
  return !(inFoundation(to) || below('checks/trace', 'checks/heal')(to) || layerOf(to) === layerOf(from))
}

function directionRule(building: Building): ImportRule {
  const words = building.floors.map((folders) => folders.map((name) => name || 'its own files').join(', '))
  return {
    binds: below(building.folder),
    forbids: (found) => climbsFloors(found, building),
    instead: `a folder of ${building.folder}/ imports only from those before it (${words.join(' < ')}): move what both need down to the lower one, or hand it in as a parameter`,
  }
}

const RULES: readonly ImportRule[] = [
  {
    binds: inChecks,
    forbids: ({ to, isPackage }) => isPackage || !inChecks(to),
    instead:
      'checks/ imports nothing outside checks/: let a runner collect it and read it from the snapshot as a fact',
  },
  {
    binds: below('checks/model'),
    forbids: ({ to, isPackage }) => !isPackage && !below('checks/model')(to),
    instead: 'the domain model imports only the domain model: move what needs more to checks/expected/',
  },
  {
    binds: below('checks/expected'),
    forbids: ({ to, isPackage, isTypeOnly }) =>
      !isPackage && !inExpected(to) && !(isTypeOnly && DECLARATIONS.includes(to)),
    instead: 'the expected state imports only checks/model and checks/expected, never a layer',
  },
  {
    binds: (path) => layerOf(path) !== undefined,
    forbids: isForeignToLayer,
    instead:
      'a check imports the model, the expected state, the packet walk, the contract and its own layer: move what two layers share to checks/expected/ or checks/model/',
  },
  {
    binds: below('checks/trace', 'checks/diagnosis'),
    forbids: ({ from, to, isPackage }) =>
      inChecks(to) &&
      !isPackage &&
      !(inFoundation(to) || below('checks/trace')(to) || below('checks/diagnosis')(from)),
    instead: 'the packet walk knows no check: move what both need to checks/expected/ or checks/model/',
  },
  {
    binds: below('checks/diagnosis'),
    forbids: ({ to }) => layerOf(to) !== undefined,
    instead: 'the diagnosis knows findings, not checks: say it in the `explains` of the check',
  },
  {
    // A package of its own, as somebody else's.
    binds: (path) => below('fixtures')(path) && !below('fixtures/plugin-example')(path),
    forbids: ({ to, isPackage }) => isPackage || !(below('fixtures')(to) || inExpected(to) || isContract(to)),
    instead:
      'fixtures/ describes data and imports only fixtures/, checks/model, checks/expected and the check contract: let runners/ do it',
  },
  {
    binds: below('reports'),
    forbids: ({ to, isPackage, isTypeOnly }) =>
      isPackage ? !isForRendering(to, isTypeOnly) : !(below('reports')(to) || (inChecks(to) && isTypeOnly)),
    instead:
      'reports/ renders a Report and imports only its own folder, types of checks/ and what lays out text: put it into the Report in runners/',
  },
  {
    binds: (path) => !path.startsWith('runners/setup/') && path !== 'runners/hosts/command/spawn.ts',
    forbids: ({ to }) => /^(node:)?(child_process|cluster)$/.test(to),
    instead: 'only runners/hosts/command/spawn.ts starts processes: call its run() or open()',
  },
  {
    binds: (path) => !path.startsWith('runners/plugins/'),
    forbids: ({ to }) => /^(node:)?worker_threads$/.test(to),
    instead: 'only runners/plugins/ starts threads, for code that is not ours: compute, or start a process',
  },
  ...BUILDINGS.map(directionRule),
  {
    binds: (path) => !below('runners/dev')(path),
    forbids: ({ to, isPackage }) => !isPackage && isTestFile(to),
    instead:
      'only tests and developer commands import what is made for tests: take the tested file itself, or move what both need',
  },
  {
    binds: () => true,
    forbids: ({ to, isPackage }) => isPackage && to === 'zx',
    instead: "import 'zx/core': the root of zx loads 700 KB more at start-up",
  },
]

/** Packages that lay out text or describe a format, and do nothing else. */
function isForRendering(name: string, isTypeOnly: boolean): boolean {
  return name === 'string-width' || (name === 'sarif' && isTypeOnly)
}

/** A sentence for every import that a rule forbids. Tests are bound by no rule. */
export function forbiddenImports(imports: readonly Import[]): string[] {
  return imports
    .filter(({ from }) => !isTestFile(from))
    .flatMap((found) =>
      RULES.filter((rule) => rule.binds(found.from) && rule.forbids(found)).map(
        (rule) => `${found.from}:${found.line} imports ${found.to}. ${rule.instead}.`,
      ),
    )
}
