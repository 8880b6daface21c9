/** The containers of a docker lab and their network, through testcontainers, which is loaded only here. */
import type { GenericContainer } from 'testcontainers'
import { LabError, usage } from '../lab-error.ts'
import { LAB_LABEL } from './labelled.ts'

type Testcontainers = typeof import('testcontainers')

/** Which engine testcontainers talks to, for the whole life of this process. */
let settled: string | undefined

/** The one package that is not installed with ours, being ten times as large and of use to this lab alone. */
async function loadTestcontainers(): Promise<Testcontainers> {
  try {
    return await import('testcontainers')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new LabError(
      'missing',
      'a lab of containers needs the npm package testcontainers beside flannel-doctor: npm install testcontainers@12 (with -g if flannel-doctor was installed so)',
    )
  }
}

/**
 * testcontainers for that engine. Its own reaper is off: it would need an image of its own, and the ledger
 * removes more. The host it would look up is told: in a container it takes the bridge's gateway for the host.
 */
async function testcontainersAt(socket: string): Promise<Testcontainers> {
  if (settled !== undefined && settled !== socket)
    return usage(`this process has made containers at ${settled}: another engine needs another one`)
  settled = socket
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true'
  process.env.TESTCONTAINERS_HOST_OVERRIDE = '127.0.0.1'
  const asked = process.env.DOCKER_HOST
  process.env.DOCKER_HOST = `unix://${socket}`
  try {
    const testcontainers = await loadTestcontainers()
    await testcontainers.getContainerRuntimeClient()
    return testcontainers
  } finally {
    if (asked === undefined) delete process.env.DOCKER_HOST
    else process.env.DOCKER_HOST = asked
  }
}

/** The engine a lab is made in, with what all its parts share. */
export interface LabEngine {
  readonly socket: string
  readonly token: string
  readonly network: string
}

/** Gets an image from a registry. Throws LabError when there is none, or none is reachable. */
export async function pullImage(socket: string, image: string): Promise<void> {
  const { getContainerRuntimeClient, ImageName } = await testcontainersAt(socket)
  const client = await getContainerRuntimeClient()
  try {
    await client.image.pull(ImageName.fromString(image))
  } catch (error) {
    const words = (error as Error).message.split('\n')[0] ?? ''
    throw new LabError('missing', `image ${image} is not on this machine and cannot be pulled: ${words}`)
  }
}

/** Makes the lab's network. Throws LabError with Docker's words, for one when the subnet is in use. */
export async function makeNetwork({ socket, token, network }: LabEngine, subnet: string): Promise<void> {
  const { getContainerRuntimeClient } = await testcontainersAt(socket)
  const client = await getContainerRuntimeClient()
  try {
    await client.network.create({
      Name: network,
      Driver: 'bridge',
      CheckDuplicate: true,
      IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
      Labels: { [LAB_LABEL]: token },
    })
  } catch (error) {
    throw new LabError('failed', `Docker refuses the network ${subnet}: ${(error as Error).message}`)
  }
}

/** A container to be started. */
export interface NewContainer {
  readonly name: string
  readonly hostname: string
  readonly image: string
  readonly command: readonly string[]
  /** In the lab's network; absent where the network has none. */
  readonly address?: string
  readonly directory: string
  /** Files and directories of this machine that it sees under the same path; read only, but for its directory. */
  readonly files: readonly string[]
  /** Directories in memory. */
  readonly inMemory: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly devices: readonly string[]
}

/** Parts of a container's description that testcontainers passes on but has no call for. */
interface Description {
  readonly createOpts: { Hostname?: string; NetworkingConfig?: object }
  readonly hostConfig: { Devices?: readonly object[]; Sysctls?: Readonly<Record<string, string>> }
}

/**
 * NET_ADMIN for links, routes and rules; SYS_ADMIN for the namespaces of its containers and to make /proc/sys
 * writable. AppArmor's profile for containers would forbid those mounts.
 */
function describe(made: GenericContainer, engine: LabEngine, container: NewContainer): GenericContainer {
  const { directory, files, inMemory, devices, address, hostname } = container
  const { createOpts, hostConfig } = made as unknown as Description
  createOpts.Hostname = hostname
  if (address !== undefined)
    createOpts.NetworkingConfig = {
      EndpointsConfig: { [engine.network]: { IPAMConfig: { IPv4Address: address } } },
    }
  hostConfig.Sysctls = { 'net.ipv4.ip_forward': '1' }
  hostConfig.Devices = devices.map((path) => ({
    PathOnHost: path,
    PathInContainer: path,
    CgroupPermissions: 'rwm',
  }))
  const shared = files.map((path) => ({ source: path, target: path, mode: 'ro' as const }))
  return made
    .withName(container.name)
    .withLabels({ [LAB_LABEL]: engine.token })
    .withCommand([...container.command])
    .withNetworkMode(engine.network)
    .withAddedCapabilities('NET_ADMIN', 'SYS_ADMIN')
    .withSecurityOpt('apparmor=unconfined')
    .withBindMounts([{ source: directory, target: directory, mode: 'rw' }, ...shared])
    .withTmpFs(Object.fromEntries(inMemory.map((path) => [path, 'rw'])))
    .withWorkingDir(directory)
    .withEnvironment({ ...container.environment })
}

/** Starts it and waits until it runs. Throws LabError with Docker's words. */
export async function startContainer(engine: LabEngine, container: NewContainer): Promise<void> {
  const { GenericContainer } = await testcontainersAt(engine.socket)
  try {
    await describe(new GenericContainer(container.image), engine, container).start()
  } catch (error) {
    throw new LabError(
      'failed',
      `container ${container.hostname} does not start: ${(error as Error).message}`,
    )
  }
}
