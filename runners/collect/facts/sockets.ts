/** Bound UDP sockets, those of the kernel's vxlan links included: /proc/net/udp. */
import type { UdpSocket } from '../../../checks/model/daemon.ts'
import { textLines } from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'

const LINE = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) /

/** The kernel prints each 32-bit word in the machine's byte order, which is little endian where flannel runs. */
function bytesOf(hex: string): readonly number[] {
  const words = hex.match(/.{8}/g) ?? []
  return words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)))
}

function addressText(hex: string): string {
  const bytes = bytesOf(hex)
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.every((byte) => byte === 0)) return '::'
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bytes[at * 2] ?? 0) * 256 + (bytes[at * 2 + 1] ?? 0)).toString(16),
  )
  return groups.join(':')
}

function socketFromLine(line: string): UdpSocket {
  const [, address = '', port = ''] = LINE.exec(line) ?? []
  if (port === '') throw new Error(`not a line of /proc/net/udp: ${line.slice(0, 80)}`)
  return { address: addressText(address), port: Number.parseInt(port, 16) }
}

export const sockets: FactCollector<'sockets'> = {
  fact: 'sockets',
  command: 'ss -lun',
  script: () => 'cat /proc/net/udp\n[ ! -r /proc/net/udp6 ] || cat /proc/net/udp6',
  parse: ({ stdout }) => ({
    value: textLines(stdout)
      .filter((line) => !/^\s*sl\s/.test(line))
      .map(socketFromLine),
  }),
}
