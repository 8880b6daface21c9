/** Real kube-proxy beside flannel: its rules are read and walked, and what is missing of them is found. */
import test, { type ExecutionContext } from 'ava'
import { WEB_SERVICE } from '../../../fixtures/kube-proxy-rules.ts'
import { killGroup } from '../../hosts/command/spawn.ts'
import { needs } from '../../test-needs.ts'
import { withLab } from '../build/up.ts'
import { startLabDaemon } from '../daemons/daemon.ts'
import { judgeLab } from '../matrix/judge-lab.ts'
import { seriousCodes } from '../matrix/matrix-result.ts'
import { labExec } from '../running/exec.ts'
import type { LabState } from '../running/state.ts'
import { waitUntil } from '../wait.ts'
import { askApi } from './api-server.ts'
import { proxyWords } from './node-daemons.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
const DEADLINE_MS = 300_000

/** How the rules are listed in each mode, and how all of them are lost. */
const MODES = {
  iptables: { list: 'iptables -t nat -S', lose: 'iptables -w -t nat -F KUBE-SERVICES' },
  nftables: { list: 'nft list table ip kube-proxy', lose: 'nft delete table ip kube-proxy' },
} as const

/** Gives the process of each; resolves when the rules of a service with a node port are there. */
async function startProxies(lab: LabState, mode: keyof typeof MODES): Promise<readonly number[]> {
  for (const { api: method, path, body } of WEB_SERVICE) await askApi(lab, { method, path, body })
  const started = lab.hosts.map(({ name, namespace, mounts }) => {
    const directory = `${lab.directory}/${name}`
    const logFile = `${directory}/kube-proxy.log`
    const argv = proxyWords(lab, name, mode)
    return startLabDaemon(lab, {
      role: `kube-proxy of ${name}`,
      namespace,
      mounts,
      argv,
      directory,
      logFile,
    })
  })
  const daemons = await Promise.all(started)
  for (const { name } of lab.hosts) {
    await waitUntil(
      async () => {
        const { stdout } = await labExec(lab, name, { argv: MODES[mode].list.split(' ') })
        return Buffer.from(stdout).toString('utf8').includes('default/web')
          ? undefined
          : `no rules on ${name}`
      },
      { deadline: performance.now() + DEADLINE_MS / 2 },
    )
  }
  return daemons.map(({ process }) => process.pid)
}

async function isJudged(t: ExecutionContext, mode: keyof typeof MODES): Promise<void> {
  t.timeout(DEADLINE_MS)
  await withLab({ kubernetes: true }, async (lab) => {
    const pids = await startProxies(lab, mode)
    const healthy = await judgeLab(lab)
    t.deepEqual(seriousCodes(healthy), [])
    t.is(healthy.verdict, 'healthy')
    const walked = healthy.results.filter(({ check }) => /^path\/(cluster-ip|node-port)$/.test(check))
    t.true(walked.length > 0 && walked.every(({ outcome }) => outcome === 'pass'))
    killGroup(pids[1] ?? 0, 'SIGKILL')
    await labExec(lab, 'h2', { argv: MODES[mode].lose.split(' ') })
    const lost = await judgeLab(lab)
    t.is(lost.causes[0]?.code, 'path/cluster-ip:not-translated')
    t.is(lost.causes[0]?.subject.host, 'h2')
  })
}

for (const mode of ['iptables', 'nftables'] as const) {
  live(`kube-proxy in mode ${mode}: nothing is said against it, and lost rules are found`, (t) =>
    isJudged(t, mode),
  )
}
