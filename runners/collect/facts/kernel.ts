/** Kernel release, uptime and the host's clock. */
import type { Kernel } from '../../../checks/model/daemon.ts'
import { present } from '../../../checks/model/present.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

const SCRIPT = `read -r release </proc/sys/kernel/osrelease && echo "release=$release"
read -r uptime rest </proc/uptime && echo "uptime=$uptime"
date +clock=%s`

function seconds(text: string | undefined): number | undefined {
  const value = Number(text)
  return text === undefined || text === '' || !Number.isFinite(value) ? undefined : value
}

function parse(text: string): Parsed<Kernel> {
  const fields = new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf('=')
      return [line.slice(0, Math.max(at, 0)), line.slice(at + 1)]
    }),
  )
  const release = fields.get('release')
  if (release === undefined) return { problem: { why: 'unparsable', detail: 'no kernel release' } }
  const [uptimeSeconds, clockSeconds] = [seconds(fields.get('uptime')), seconds(fields.get('clock'))]
  return { value: present({ release, uptimeSeconds, clockSeconds }) }
}

export const kernel: FactCollector<'kernel'> = {
  fact: 'kernel',
  command: 'uname -r; uptime; date',
  script: () => SCRIPT,
  parse: ({ stdout }) => parse(stdout),
}
