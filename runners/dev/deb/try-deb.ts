/**
 * `npm run test:deb [-- FILE]`: builds the package of Debian, unless FILE is it, and uses it on a bare Debian 12, which has no Node: apt installs it,
 * shells complete by it, systemd reads its units and, booted, runs them beside flanneld, it checks a lab, and nothing of it
 * stays when it is removed. Needs root.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unpackDebian } from '../fresh/root-file-system.ts'
import { ROOT } from '../installed-package.ts'
import { must } from '../npm-tarball-for-tests.ts'
import { runIsolated } from '../read-only/isolated.ts'
import { BOOTS, saysBooted } from './booted.ts'
import { saysInDebian } from './in-debian.ts'
import type { Step } from './says.ts'

const CHECK_LAB = fileURLToPath(new URL('check-lab.ts', import.meta.url))
const STATE = '/usr/lib/flannel-doctor/node_modules/flannel-doctor/dist/fixtures/states/v0.28.9-vxlan'
const AS_NOBODY = 'setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/'

const INSTALLED: readonly Step[] = [
  [
    'apt-get -q update && apt-get -qy install --no-install-recommends /var/tmp/flannel-doctor.deb iptables iputils-ping',
    /Setting up flannel-doctor/,
  ],
  ['! command -v node && flannel-doctor --version', /^\d+\.\d+\.\d+\n$/m],
  [`${AS_NOBODY} flannel-doctor replay ${STATE}`, /^HEALTHY/],
  ['flannel-doctor completion tcsh 2>&1 || [ $? = 2 ]', /expected one of/],
  ['dpkg --verify flannel-doctor && echo whole', /whole/],
]

/** What reads the files that it brings. */
const READERS: readonly Step[] = [
  [
    'apt-get -qy install --no-install-recommends bash-completion zsh fish man-db systemd lintian',
    /Setting up fish/,
  ],
  ['man -P cat flannel-doctor', /FLANNEL-DOCTOR\(1\)[\s\S]*EXIT STATUS/],
  ['lintian --allow-root --fail-on error,warning /var/tmp/flannel-doctor.deb && echo clean', /^clean$/m],
  ['systemd-analyze verify /usr/lib/systemd/system/flannel-doctor* 2>&1 && echo read', /^read$/m],
  ['fish -c \'complete -C "flannel-doctor lab in"\'', /^inject\b/m],
  [
    `bash -ic 'source /usr/share/bash-completion/bash_completion; _completion_loader flannel-doctor
COMP_WORDS=(flannel-doctor lab in); COMP_CWORD=2; _flannel_doctor; echo "$COMPREPLY"' 2>/dev/null`,
    /^inject$/m,
  ],
  [
    "zsh -c 'autoload -U compinit; compinit -u -D; print -r -- $_comps[flannel-doctor]'",
    /^_flannel-doctor$/m,
  ],
]

const REMOVED: readonly Step[] = [
  [
    "find / -xdev -name '*flannel-doctor*' -not -path '/root/.cache/*' -not -path '/var/cache/man/*' -not -path '/var/tmp/*' -not -path '/run/*'; ls /var/lib/prometheus/node-exporter; echo none",
    /^none\n$/,
  ],
]

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const [given] = process.argv.slice(2)
const root = mkdtempSync('/var/tmp/flannel-doctor-deb-')

async function allSay(steps: readonly Step[]): Promise<boolean> {
  for (const step of steps) if (!(await saysInDebian(root, step, print))) return false
  return true
}

async function checksLab(): Promise<boolean> {
  const onStdout = (chunk: Uint8Array): void => void process.stdout.write(chunk)
  const { end, stderr } = await runIsolated(CHECK_LAB, [root], { timeoutMs: 300_000, onStdout })
  const isGood = 'exit' in end && end.exit === 0
  if (!isGood) print(`${JSON.stringify(end)} ${stderr}`)
  return isGood
}

try {
  await unpackDebian(root, print)
  const deb = join(root, 'var/tmp/flannel-doctor.deb')
  if (given === undefined)
    print((await must([process.execPath, join(ROOT, 'runners/dev/deb/build-deb.ts'), deb])).trim())
  else copyFileSync(given, deb)
  const good =
    (await allSay(INSTALLED)) &&
    (await checksLab()) &&
    (await allSay([...READERS, BOOTS])) &&
    (await saysBooted(root, print)) &&
    (await allSay(REMOVED))
  print(good ? 'deb: green' : 'deb: red')
  process.exitCode = good ? 0 : 1
} catch (error) {
  process.stderr.write(`deb: ${(error as Error).message}\n`)
  process.exitCode = 2
} finally {
  rmSync(root, { recursive: true, force: true })
}
