/**
 * `npm start` and `npm test`: installs what is missing, then hands over to the Node that comes
 * with the packages. Plain JavaScript on node: modules only, since at first there is nothing else.
 */

import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDebianPackages } from './debian-packages.js'
import { ensureDockerScript, ensureFlanneld, isFlanneldRunningHere, VERSIONS } from './flannel-versions.js'
import { hasKubernetes, installKubernetes } from './kubernetes.js'
import { nodeAdvice, nodeForProject } from './node-version.js'
import { ensureNpmPackages } from './npm-packages.js'
import { runInForeground } from './run-node.js'
import { commandSearchPath } from './search-path.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PROGRAMS = {
  start: ['runners/bin.js', 'start'],
  test: ['runners/dev/run-tests.ts'],
  bench: ['runners/dev/bench.ts'],
  matrix: ['runners/bin.js', 'lab', 'matrix'],
  kubernetes: ['runners/dev/run-tests.ts', '--config', 'ava.kubernetes.config.js'],
}

const log = (line) => process.stderr.write(`set-up: ${line}\n`)

function fail(line) {
  log(line)
  process.exit(2)
}

const [name, ...args] = process.argv.slice(2)
const program = PROGRAMS[name]
if (program === undefined) fail(`unknown command ${name}; known: ${Object.keys(PROGRAMS).join(', ')}`)

const ifBuilt = args.indexOf('--if-built')
if (name === 'kubernetes' && ifBuilt >= 0) {
  args.splice(ifBuilt, 1)
  if (!hasKubernetes()) {
    log(
      'labs of Kubernetes are not tested: kube-apiserver is not in the cache; npm run test:kubernetes builds it',
    )
    process.exit(0)
  }
}

process.chdir(ROOT)
if (!ensureNpmPackages(ROOT, log)) fail('npm could not install the packages; its message is above')
// A machine that flannel serves is a patient: nothing is installed on it.
if (process.platform === 'linux' && !(name === 'start' && isFlanneldRunningHere())) {
  ensureDebianPackages(name, log)
  await ensureFlanneld(VERSIONS[name] ?? VERSIONS.start, log)
  if (name === 'test') await ensureDockerScript(log)
  if (name === 'kubernetes')
    await installKubernetes({ cluster: true, log }).catch(({ message }) => fail(message))
}

const node = nodeForProject()
if (node === undefined) fail(nodeAdvice())
// The packages' own commands stay out of the path, but `node` is the new one.
const path = `${dirname(realpathSync(node))}:${commandSearchPath(process.env.PATH)}`
await runInForeground(node, [...program, ...args], { ...process.env, PATH: path })
