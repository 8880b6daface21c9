/** The installed package beside a lab of three hosts: a check by hand, and what its unit starts: `check-lab.ts ROOT`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLab } from '../../lab/build/up.ts'
import { saysInDebian } from './in-debian.ts'

const [root = ''] = process.argv.slice(2)
const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** What systemd runs for the unit, with the options of /etc/default/flannel-doctor. */
function startedBy(unit: string, options: string): string {
  const text = readFileSync(join(root, 'usr/lib/systemd/system', unit), 'utf8')
  const lines = [...text.matchAll(/^(?:ExecStartPre|ExecStart)=(.*)$/gm)].map(([, line = '']) => line)
  const environment = [...text.matchAll(/^Environment=(.*)$/gm)].map(([, one = '']) => `export ${one}; `)
  return `${environment.join('')}FLANNEL_DOCTOR_OPTIONS='${options}'; ${lines.join(' && ')}`
}

const good = await withLab({ hosts: 3 }, async ({ inventory }) => {
  const options = `--inventory ${inventory}`
  const exporter = '/var/lib/prometheus/node-exporter/flannel.prom'
  const steps = [
    [`flannel-doctor check ${options}`, /^HEALTHY .*3 hosts checked/],
    [startedBy('flannel-doctor.service', options), /^HEALTHY/],
    [`stat -c %a ${exporter}; cat ${exporter}`, /^644\n[\s\S]*# EOF\n$/],
  ] as const
  for (const step of steps) if (!(await saysInDebian(root, step, print))) return false
  return true
})
process.exitCode = good ? 0 : 1
