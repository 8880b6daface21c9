/** Types the commands of README.md in a reader's folder beside a lab of three hosts: `type-commands.ts PREFIX NODE`. */
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { run } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import type { LabState } from '../../lab/running/state.ts'
import { ROOT } from '../installed-package.ts'
import {
  blocks,
  libraryExamples,
  provenElsewhere,
  type ReadmeCommand,
  readme,
  readmeCommands,
} from './readme-commands.ts'

const [prefix = '', node = ''] = process.argv.slice(2)
const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** What lies before the reader: an inventory, a plugin, and the package for their own program. */
function readersFolder(lab: LabState): string {
  const folder = mkdtempSync(join(tmpdir(), 'reader-'))
  copyFileSync(lab.inventory, join(folder, 'hosts.yaml'))
  cpSync(join(ROOT, 'fixtures/plugin-example'), folder, { recursive: true })
  const packages = join(folder, 'node_modules')
  mkdirSync(join(packages, '.bin'), { recursive: true })
  symlinkSync(join(prefix, 'lib/node_modules/flannel-doctor'), join(packages, 'flannel-doctor'))
  symlinkSync('../flannel-doctor/runners/bin.js', join(packages, '.bin/flannel-doctor'))
  return folder
}

/** The step of action.yml as a runner types it: green on the lab, red with an annotation on a fault. */
function gateOf({ name }: LabState, folder: string): readonly ReadmeCommand[] {
  const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'))
  const step = action.runs.steps.find(({ id }: { readonly id?: string }) => id === 'check')
  writeFileSync(join(folder, 'gate.sh'), step.run)
  const gate =
    'COMMAND=check INVENTORY=hosts.yaml FAIL_ON=warning FOLDER=gate GITHUB_OUTPUT=outputs bash -eo pipefail gate.sh'
  const isRed = `${gate} >said; status=$?; grep -q '^::error title=fdb/peer-vtep%3Amissing' said && exit $status`
  return [
    { line: `${gate} && grep -x verdict=healthy outputs`, exit: 0 },
    { line: `flannel-doctor lab inject fdb-entry-deleted --name ${name}`, exit: 0 },
    { line: isRed, exit: 1 },
    { line: `flannel-doctor lab heal --name ${name}`, exit: 0 },
  ]
}

/** What names neither host nor inventory is about the machine it is typed on. */
const isAboutThisHost = (line: string): boolean =>
  /\bflannel-doctor (check|collect)\b/.test(line) && !/--(inventory|host|kubeconfig)\b/.test(line)

/** On a machine with other work an etcd that answers too late leaves a check undecided: it is looked at again. */
const UNDECIDED = 3
const MOST_TRIES = 3

/** Types one line; true when it ends as the README says. */
async function typed(
  { line, exit }: ReadmeCommand,
  { folder, host }: { readonly folder: string; readonly host: string },
  triesLeft = MOST_TRIES,
): Promise<boolean> {
  const inside = isAboutThisHost(line) ? ['nsenter', `--net=/run/netns/${host}`] : []
  const PATH = `${dirname(node)}:${join(prefix, 'bin')}:${process.env.PATH}`
  const words = ['env', '-C', folder, `PATH=${PATH}`, ...inside, 'bash', '-c', line]
  const { end, stdout, stderr, ms } = await run(words, { timeoutMs: 240_000 })
  const ended = 'exit' in end ? end.exit : -1
  const isGood = ended === exit
  if (ended === UNDECIDED && triesLeft > 1) return typed({ line, exit }, { folder, host }, triesLeft - 1)
  print(`${isGood ? 'as said' : 'NOT AS SAID'}  ${(ms / 1000).toFixed(1)} s  ${line}`)
  if (!isGood) print(`${JSON.stringify(end)}\n${stdout.toString().slice(-3000)}${stderr.slice(-3000)}`)
  return isGood
}

const good = await withLab({ hosts: 3 }, async (lab) => {
  const place = { folder: readersFolder(lab), host: lab.hosts[0]?.namespace ?? '' }
  const types = join(ROOT, 'node_modules/@types')
  const tsc = `${process.execPath} ${join(ROOT, 'node_modules/typescript/bin/tsc')}`
  const programs = [...blocks(readme(), 'js'), ...libraryExamples()].map((program, at) => {
    writeFileSync(join(place.folder, `program-${at}.mjs`), program)
    return { line: `node program-${at}.mjs`, exit: 0 }
  })
  const compiled = {
    line: `${tsc} --noEmit --allowJs --checkJs --module nodenext --typeRoots ${types} --types node program-*.mjs`,
    exit: 0,
  }
  const told: boolean[] = []
  for (const command of [...readmeCommands(readme()), ...programs, compiled, ...gateOf(lab, place.folder)]) {
    const proof = provenElsewhere(command)
    if (proof !== undefined) print(`by ${proof.file}: ${command.line}`)
    else told.push(await typed(command, place))
  }
  print(`${told.filter(Boolean).length} of ${told.length} commands as the README says`)
  return told.length > 30 && !told.includes(false)
})
process.exitCode = good ? 0 : 1
