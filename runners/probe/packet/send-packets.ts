/** Sends the packets of a followed connection from one end and reads what came back, as a ping is read. */
import type { PingReading, SendProblem } from '../../../checks/model/observation.ts'
import type { PortAnswer } from '../../../checks/model/trace-observation.ts'
import { type CommandRecord, commandRecord } from '../../collect/collect.ts'
import { oneLine } from '../../collect/section/absence.ts'
import { posixQuote } from '../../hosts/command/quote.ts'
import type { Runner } from '../../hosts/command/runner.ts'
import { PROTOCOL } from '../capture/decode-transport.ts'
import type { SentPacket } from '../capture/probe-identity.ts'
import { unrunProblem } from '../jobs/script-jobs.ts'
import { SYSTEM_PATH } from '../own/guarded-command.ts'
import { buildPacket, type PacketEnds } from './build-packet.ts'
import { parseAnswers } from './parse-answers.ts'
import { PERL, PYTHON } from './raw-code.ts'

/** What is sent, and how often. */
export interface PacketJob extends PacketEnds {
  readonly packet: SentPacket & { readonly nonce: Uint8Array }
  readonly count: number
  /** Path of the network namespace to send from; absent for the host's own. */
  readonly namespace?: string
}

export interface SentPackets {
  readonly ping: PingReading
  readonly answer?: PortAnswer
  readonly commands: readonly CommandRecord[]
}

/** A second of waiting, and starting an interpreter on a busy host. */
const TIMEOUT_MS = 8000
const NO_TOOL = 'neither perl nor python3 to send with'

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}

/** Octets of which an answer, or an error that quotes the packet, has one. */
function keysOf({ packet, count }: PacketJob): readonly string[] {
  const { protocol, sequence, sourcePort, destinationPort } = packet
  if (protocol === 'tcp') return Array.from({ length: count + 1 }, (_, n) => hex32(sequence + n + 1))
  return [sourcePort * 0x10000 + destinationPort, destinationPort * 0x10000 + sourcePort].map(hex32)
}

function scriptOf(job: PacketJob): string {
  const { namespace, destination, packet, count } = job
  const packets = Array.from({ length: count }, (_, n) => buildPacket(packet, n + 1, job).toString('hex'))
  const words = [destination, PROTOCOL[packet.protocol], keysOf(job).join(','), ...packets].join(' ')
  const enter = namespace === undefined ? '' : `nsenter ${posixQuote(`--net=${namespace}`)} `
  return `LC_ALL=C PATH=${SYSTEM_PATH}
export LC_ALL PATH
exec 2>&1
if perl -MSocket -e 1 2>/dev/null; then exec ${enter}perl -e ${posixQuote(PERL)} ${words}
elif python3 -I -c 'import select' 2>/dev/null; then exec ${enter}python3 -I -c ${posixQuote(PYTHON)} ${words}
else echo ${posixQuote(NO_TOOL)}; exit 127; fi
`
}

function problemOf(text: string): SendProblem {
  const why = text.includes(NO_TOOL)
    ? 'not-installed'
    : /not permitted|permission denied/i.test(text)
      ? 'not-permitted'
      : 'missing'
  return { why, detail: oneLine(text) || 'nothing was sent' }
}

function unsent(problem: SendProblem): SentPackets {
  return { ping: { sent: 0, received: 0, problem }, commands: [] }
}

/** Sends the packets. Never rejects for the host's sake. Throws for what is no address or size. */
export async function sendPackets(runner: Runner, job: PacketJob, signal: AbortSignal): Promise<SentPackets> {
  const stdin = scriptOf(job)
  try {
    const argv = ['sh', '-s']
    const { end, stdout, ms } = await runner.run(argv, { stdin, timeoutMs: TIMEOUT_MS, signal })
    const text = Buffer.from(stdout).toString('utf8')
    const commands = [commandRecord(runner.host, { argv, ms, end })]
    const read = parseAnswers(text, job)
    if (read.ping.sent === 0) return { ...unsent(problemOf(text)), commands }
    return { ...read, commands }
  } catch (error) {
    return unsent(unrunProblem(error))
  }
}
