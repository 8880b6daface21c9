/** Installs the distribution packages whose commands are missing; needs root and apt-get. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { buildsFlanneld } from './flannel-versions.js'
import { withHeldServices } from './held-services.js'
import { commandPath } from './search-path.js'

const isTest = (purpose) => purpose === 'test'
const isTestInCi = (purpose) => isTest(purpose) && process.env.CI === 'true'

/** Package, when it is wanted if not always, the commands that show it is there, and what does not work without it. */
const PACKAGES = [
  { name: 'etcd-server', commands: ['etcd'], without: 'no lab' },
  { name: 'etcd-client', commands: ['etcdctl'], without: 'no etcdctl in the lab' },
  { name: 'iproute2', commands: ['ip', 'bridge'], without: 'no links, routes or FDB can be read' },
  { name: 'iptables', commands: ['iptables', 'iptables-save'], without: 'no iptables rules can be read' },
  { name: 'nftables', commands: ['nft'], without: 'no nftables rules can be read' },
  { name: 'iputils-ping', commands: ['ping'], without: 'no probes' },
  { name: 'iperf3', commands: ['iperf3'], without: 'no throughput can be measured' },
  { name: 'tcpdump', commands: ['tcpdump'], without: 'no captures' },
  { name: 'util-linux', commands: ['nsenter', 'unshare'], without: 'no lab' },
  { name: 'mount', commands: ['mount', 'umount'], without: 'no lab' },
  { name: 'procps', commands: ['ps', 'sysctl'], without: 'no lab' },
  { name: 'ethtool', commands: ['ethtool'], without: 'no offloads of links can be read' },
  { name: 'curl', commands: ['curl'], without: 'no lab with etcd v2' },
  { name: 'openssl', commands: ['openssl'], without: 'no lab with TLS' },
  { name: 'busybox-static', commands: ['busybox'], without: 'no containers in the lab' },
  { name: 'openssh-server', commands: ['sshd'], without: 'no tests of ssh:// hosts', onlyIf: isTest },
  { name: 'sudo', commands: ['sudo'], without: 'no tests of users that become root', onlyIf: isTest },
  { name: 'zsh', commands: ['zsh'], without: 'its completion is not tried', onlyIf: isTestInCi },
  { name: 'fish', commands: ['fish'], without: 'its completion is not tried', onlyIf: isTestInCi },
  { name: 'groff', commands: ['groff'], without: 'the manual page is not set', onlyIf: isTestInCi },
  {
    name: 'tshark',
    commands: ['tshark'],
    without: 'our decoder is not compared with it',
    onlyIf: isTestInCi,
  },
  {
    name: 'chromium',
    commands: ['chromium'],
    without: 'no tests of HTML pages in a browser',
    onlyIf: isTestInCi,
  },
  {
    name: 'python3-prometheus-client',
    files: ['/usr/lib/python3/dist-packages/prometheus_client/openmetrics/parser.py'],
    without: 'OpenMetrics is not read by its own parser',
    onlyIf: isTest,
  },
  {
    name: 'libmonitoring-plugin-perl',
    files: ['/usr/share/perl5/Monitoring/Plugin/Performance.pm'],
    without: "no monitor's figures are read",
    onlyIf: isTest,
  },
  { name: 'docker.io', commands: ['dockerd', 'docker'], without: 'no lab with real Docker' },
  {
    name: 'gcc',
    commands: ['gcc'],
    without: 'no flanneld with the udp backend can be built',
    onlyIf: buildsFlanneld,
  },
  {
    name: 'libc6-dev',
    files: ['/usr/include/stdlib.h'],
    without: 'no flanneld with the udp backend can be built',
    onlyIf: buildsFlanneld,
  },
  {
    name: 'ca-certificates',
    files: ['/etc/ssl/certs/ca-certificates.crt'],
    without: 'flanneld cannot be fetched',
  },
]

/** Debian's units and init scripts start no sshd where this file is: ours is for tests, in namespaces of their own. */
const NO_SSHD = '/etc/ssh/sshd_not_to_be_run'

function isMissing({ commands = [], files = [] }) {
  return (
    commands.some((command) => commandPath(command) === undefined) || files.some((file) => !existsSync(file))
  )
}

/** A mirror that does not answer must not hold the set-up forever. */
const APT_OPTIONS = [
  '-q',
  '-o',
  'Acquire::Retries=2',
  '-o',
  'Acquire::http::Timeout=30',
  '-o',
  'DPkg::Lock::Timeout=300',
]
const APT_DEADLINE_MS = 20 * 60_000

function apt(args, environment) {
  const { status, stdout, stderr, error } = spawnSync('apt-get', [...APT_OPTIONS, ...args], {
    env: { ...environment, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: APT_DEADLINE_MS,
    killSignal: 'SIGINT', // apt-get lets dpkg finish what it is at
  })
  if (error?.code === 'ETIMEDOUT')
    return `apt-get ${args[0]} did not end within ${APT_DEADLINE_MS / 60_000} minutes`
  if (error !== undefined) return error.message
  if (status === 0) return undefined
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => /^(E|W|Err):|unable|fail/i.test(line))
  return lines.at(-1) ?? `apt-get ended with status ${status}`
}

function sayWhatWillNotWork(missing, log) {
  for (const { name, without } of missing) log(`${name} is not installed: ${without}`)
}

/** Installs what `purpose` (the npm command) misses and says so; says what will not work where it cannot. */
export function ensureDebianPackages(purpose, log) {
  const wanted = PACKAGES.filter(({ onlyIf }) => onlyIf === undefined || onlyIf(purpose))
  const missing = wanted.filter(isMissing)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || commandPath('apt-get') === undefined) {
    log(`not ${process.getuid?.() === 0 ? 'a Debian-like system' : 'root'}: nothing is installed system-wide`)
    return sayWhatWillNotWork(missing, log)
  }
  const names = missing.map(({ name }) => name)
  if (names.includes('openssh-server') && !existsSync(NO_SSHD)) {
    mkdirSync('/etc/ssh', { recursive: true })
    writeFileSync(NO_SSHD, 'Made when openssh-server was installed for tests. Remove it to let sshd start.\n')
    log(`${NO_SSHD} keeps the installed sshd from starting at boot`)
  }
  log(`installing ${names.join(' ')} with apt-get, for the lab and its tests (services are not started)`)
  const install = (environment) => {
    if (!wanted.some(isMissing)) return undefined // another set-up has installed them while this one waited
    const stale = apt(['update'], environment)
    const failed = apt(['install', '-y', '--no-install-recommends', ...names], environment)
    return failed ?? (wanted.some(isMissing) ? stale : undefined)
  }
  const problem = withHeldServices(install, { log })
  if (problem !== undefined) log(`apt-get: ${problem}`)
  sayWhatWillNotWork(wanted.filter(isMissing), log)
}
