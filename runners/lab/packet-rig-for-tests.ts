/**
 * Three namespaces for the kernel's opinion: a peer behind the link flannel.1, the router
 * under test, a container behind its docker0. An agent in each end sends real packets; a
 * control packet over a wire of its own, sent afterwards, tells that a packet will not come any more.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Runner, RunningCommand } from '../hosts/command/runner.ts'
import { run } from '../hosts/command/spawn.ts'
import { netnsRunner } from '../hosts/netns.ts'

/** What the peer and the container are called, and where they are. */
export const PEER = { address: '10.1.5.2', control: '10.9.0.1' }
export const CONTAINER = { address: '10.1.2.2', control: '10.9.0.2' }
export const SERVICE_PORT = 50_002

/** Runs in a namespace: takes orders on a Unix socket, echoes what comes to the service port, tells what it heard. */
const AGENT = `
const dgram = require('node:dgram'), net = require('node:net')
const [path, own, control] = process.argv.slice(1)
const heard = []
let told = () => {}
const service = dgram.createSocket('udp4')
service.on('message', (text, from) => { heard.push('request ' + text); service.send(text, from.port, from.address) })
const wire = dgram.createSocket('udp4')
wire.on('message', () => setImmediate(() => setImmediate(() => told(heard.splice(0).join(',')))))
service.bind(${SERVICE_PORT}, own, () => wire.bind(50003, control, () => net.createServer((orders) => {
  told = (line) => orders.write('heard ' + line + '\\n')
  orders.on('error', () => {})
  require('node:readline').createInterface(orders).on('line', (line) => {
    const [order, address, port, text] = line.split(' ')
    if (order === 'control') return wire.send('', 50003, address, () => orders.write('done\\n'))
    const client = dgram.createSocket('udp4')
    client.on('message', (echo) => heard.push('reply ' + echo))
    client.bind(Number(port), own, () => client.send(text, ${SERVICE_PORT}, address, () => orders.write('done\\n')))
  })
}).listen(path, () => console.log('ready'))))
`

interface Agent {
  readonly process: RunningCommand
  readonly orders: Socket
  readonly lines: AsyncIterator<string>
}

export interface PacketRig {
  readonly router: Runner
  /** Sends from one end to the other, or to an address that leads there; says whether request and reply arrived. */
  probe(
    from: 'peer' | 'container',
    sourcePort: number,
    by?: string,
  ): Promise<{ request: boolean; reply: boolean }>
  close(): Promise<void>
}

/** Runs a command that must succeed. */
export async function must(
  runner: Pick<Runner, 'run'>,
  argv: readonly string[],
  stdin?: string,
): Promise<string> {
  const { end, stdout, stderr } = await runner.run(argv, stdin === undefined ? {} : { stdin })
  if (!('exit' in end) || end.exit !== 0)
    throw new Error(`${argv.join(' ')}: ${stderr || JSON.stringify(end)}`)
  return Buffer.from(stdout).toString('utf8')
}

type Place = 'peer' | 'router' | 'container'

function wiring({ peer, router, container }: Record<Place, string>): string[] {
  return [
    `link add eth0 netns ${peer} type veth peer name flannel.1 netns ${router}`,
    `link add eth0 netns ${container} type veth peer name port1 netns ${router}`,
    `link add control netns ${peer} type veth peer name control netns ${container}`,
    `-n ${router} link add docker0 type bridge`,
  ]
}

const ends = (end: { address: string; control: string }): string[] => [
  `addr add ${end.address}/24 dev eth0`,
  `addr add ${end.control}/24 dev control`,
  'link set lo up',
  'link set eth0 up',
  'link set control up',
  `route add default via ${end.address.replace(/\d+$/, '1')}`,
]

async function startAgent(
  runner: Runner,
  path: string,
  end: { address: string; control: string },
): Promise<Agent> {
  const process_ = await runner.open([process.execPath, '-e', AGENT, path, end.address, end.control])
  for await (const _ of process_.stdout) break
  const orders = connect(path)
  await once(orders, 'connect')
  const lines: Interface = createInterface(orders)
  return { process: process_, orders, lines: lines[Symbol.asyncIterator]() }
}

async function order({ orders, lines }: Agent, text: string): Promise<void> {
  orders.write(`${text}\n`)
  const { value } = await lines.next()
  if (value !== 'done') throw new Error(`the agent said ${value}`)
}

/** What an agent has heard up to the arrival of a control packet. */
async function heardBy(listener: Agent, other: Agent, control: string): Promise<string> {
  const heard = listener.lines.next()
  await order(other, `control ${control} 0 0`)
  return String((await heard).value)
}

/** Links, addresses and forwarding of the three. */
async function layWires(names: Record<Place, string>, runners: Record<Place, Runner>): Promise<void> {
  for (const line of wiring(names)) await must({ run }, ['ip', ...line.split(' ')])
  const routerLines = [
    'addr add 10.1.5.1/24 dev flannel.1',
    'addr add 10.1.2.1/24 dev docker0',
    'link set port1 master docker0',
  ]
  const up = ['lo', 'flannel.1', 'port1', 'docker0'].map((link) => `link set ${link} up`)
  await must(runners.router, ['ip', '-batch', '-'], `${[...routerLines, ...up].join('\n')}\n`)
  await must(runners.router, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1'])
  await must(runners.peer, ['ip', '-batch', '-'], `${ends(PEER).join('\n')}\n`)
  await must(runners.container, ['ip', '-batch', '-'], `${ends(CONTAINER).join('\n')}\n`)
}

let rigs = 0

/** Lays the rig. Needs root; `close` removes all of it. */
export async function packetRig(): Promise<PacketRig> {
  const token = `fdt${process.pid}n${rigs++}`
  const names = { peer: `${token}p`, router: `${token}r`, container: `${token}c` }
  const directory = mkdtempSync(join(tmpdir(), 'flannel-doctor-rig-'))
  for (const name of Object.values(names)) await must({ run }, ['ip', 'netns', 'add', name])
  const runners = Object.fromEntries(
    Object.entries(names).map(([end, name]) => [end, netnsRunner(end, name)]),
  ) as unknown as Record<Place, Runner>
  const agents: Partial<Record<'peer' | 'container', Agent>> = {}
  const close = async (): Promise<void> => {
    for (const agent of Object.values(agents)) {
      agent.orders.destroy()
      await agent.process.stop()
    }
    for (const name of Object.values(names)) await run(['ip', 'netns', 'del', name])
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    await layWires(names, runners)
    agents.peer = await startAgent(runners.peer, join(directory, 'peer'), PEER)
    agents.container = await startAgent(runners.container, join(directory, 'container'), CONTAINER)
  } catch (error) {
    await close()
    throw error
  }
  const { peer, container } = agents as Required<typeof agents>
  const sides = {
    peer: { from: peer, to: container, own: PEER, other: CONTAINER },
    container: { from: container, to: peer, own: CONTAINER, other: PEER },
  }
  return {
    router: runners.router,
    probe: async (side, sourcePort, by) => {
      const { from, to, own, other } = sides[side]
      await order(from, `send ${by ?? other.address} ${sourcePort} n${sourcePort}`)
      const request = (await heardBy(to, from, other.control)).includes(`request n${sourcePort}`)
      const reply = (await heardBy(from, to, own.control)).includes(`reply n${sourcePort}`)
      return { request, reply }
    },
    close,
  }
}
