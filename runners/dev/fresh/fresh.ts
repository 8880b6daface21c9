/**
 * `npm run fresh`: both commands of the README on a new Debian 12 machine, which is a root file system entered with
 * namespaces of its own: nothing is installed in it but Node, npm and Go, the locale is German, files are private
 * (umask 077) and the checkout's path has a space. It shows what the set-up forgets to install.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { run } from '../../hosts/command/spawn.ts'
import { cachedFlanneld } from '../../setup/flanneld.js'
import { copyCheckout, strangeFiles } from './checkout.ts'
import { environment, goHere, makeRoot, must } from './root-file-system.ts'

const INSIDE = fileURLToPath(new URL('./inside.sh', import.meta.url))
const DEADLINE_MS = 60 * 60_000
const USAGE = `npm run fresh [-- OPTIONS] [COMMAND...]   (default: "npm start" and "npm test")
  --ci          with CI=true: a test whose need is missing fails
  --cached      with the flanneld that this machine has built, in place of building it again
  --root DIR    use this root file system, made if it is not there, and keep it`
const OPTIONS = {
  ci: { type: 'boolean', default: false },
  cached: { type: 'boolean', default: false },
  root: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort())

/** Sentences of the set-up and of `npm start` that say that something could not be had although they could go on. */
const GAVE_UP = /^(set-up: .*\b(is not (installed|fetched)|apt-get: ).*|no lab: .*)/gm

/** Runs one command in that root file system and passes its output on; true when it did all that it is for. */
async function runInside(root: string, command: string, ci: boolean): Promise<boolean> {
  const env = { ...environment(root), GO_HERE: await goHere(), ...(ci ? { CI: 'true' } : {}) }
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--uts', '--ipc']
  const argv = ['unshare', ...namespaces, 'env', '-i', ...variables, 'sh', INSIDE, root, command]
  print(`== ${command}`)
  const { end, stdout, stderr, ms } = await run(argv, {
    timeoutMs: DEADLINE_MS,
    signal: interrupt.signal,
    onStdout: (chunk) => void process.stdout.write(chunk),
  })
  if (stderr !== '') print(stderr)
  print(
    `== ${command}: ${'exit' in end ? `status ${end.exit}` : JSON.stringify(end)} in ${(ms / 1000).toFixed(0)} s`,
  )
  const gaps = stdout.toString().match(GAVE_UP) ?? []
  for (const gap of gaps) print(`not as it should be: ${gap}`)
  return 'exit' in end && end.exit === 0 && gaps.length === 0
}

async function runAll(root: string, commands: readonly string[], ci: boolean): Promise<boolean> {
  const files = await copyCheckout(root)
  let good = true
  for (const command of commands) {
    if (interrupt.signal.aborted) return false
    good = (await runInside(root, command, ci)) && good
  }
  const strange = await strangeFiles(root, files)
  for (const file of strange) print(`left behind: ${file}`)
  return good && strange.length === 0
}

/** Puts the flanneld that this machine has built where the set-up looks for it. */
async function copyFlanneld(root: string): Promise<void> {
  const target = join(root, 'root/.cache/flannel-doctor')
  mkdirSync(target, { recursive: true })
  await must(['cp', '-a', dirname(dirname(cachedFlanneld('any'))), target])
}

async function fresh(): Promise<boolean> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS })
  if (values.help) {
    print(USAGE)
    return true
  }
  if (process.getuid?.() !== 0) throw new Error('making and entering a root file system needs root')
  const root = values.root ?? mkdtempSync('/var/tmp/flannel-doctor-fresh-')
  try {
    if (!existsSync(join(root, 'etc/debian_version'))) await makeRoot(root, print)
    if (values.cached) await copyFlanneld(root)
    return await runAll(root, positionals.length > 0 ? positionals : ['npm start', 'npm test'], values.ci)
  } finally {
    if (values.root === undefined) rmSync(root, { recursive: true, force: true })
  }
}

try {
  const good = await fresh()
  print(good ? 'fresh: green' : 'fresh: red')
  process.exitCode = good ? 0 : 1
} catch (error) {
  process.stderr.write(`fresh: ${(error as Error).message}\n`)
  process.exitCode = 2
}
