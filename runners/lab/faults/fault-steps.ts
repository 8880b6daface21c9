/** Does the steps of a fault, on the hosts of one lab and nowhere else. */
import type {
  CommandStep,
  FaultContext,
  FlanneldPlace,
  FlanneldStep,
  Place,
  Step,
  WaitStep,
} from '../../../fixtures/fault.ts'
import type { CommandResult } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'
import { commandSearchPath } from '../../setup/search-path.js'
import { moveFlanneld } from '../daemons/flanneld-process.ts'
import { editDatastore } from '../daemons/lab-datastore.ts'
import { askApi } from '../kubernetes/api-server.ts'
import { LabError } from '../lab-error.ts'
import { type LabPlace, placePrefix } from '../place.ts'
import type { LabHost, LabState } from '../running/state.ts'
import { waitUntil } from '../wait.ts'

/** flanneld retries most things after a second; its host-gw looks at the routes every 10 s (backend/route_network.go). */
const WAIT_MS = 20_000

/** The lab as it is now: a restarted flanneld has another pid. */
export interface Site {
  lab: LabState
  readonly context: FaultContext
}

function hostAt({ lab, context }: Site, place: FlanneldPlace): LabHost {
  const host = lab.hosts.find(({ name }) => name === context[place].name)
  if (host === undefined) throw new LabError('failed', `lab ${lab.name} has no host ${context[place].name}`)
  return host
}

function placeOf(site: Site, place: Place): LabPlace | undefined {
  const { lab, context } = site
  if (place === 'machine') return undefined
  if (place === 'switch') return { namespace: lab.switchNamespace, engine: lab.engine }
  if (place === 'victim-container')
    return { ...hostAt(site, 'victim'), namespace: context.victim.container.namespace }
  if (place === 'peer-container')
    return { ...hostAt(site, 'peer'), namespace: context.peer.container.namespace }
  return hostAt(site, place)
}

async function execute(site: Site, step: CommandStep): Promise<CommandResult> {
  const place = placeOf(site, step.on)
  const path = `PATH=${commandSearchPath(process.env.PATH)}` // npm's own path has another program named nft
  return run(['env', path, ...(place === undefined ? [] : placePrefix(place)), ...step.argv])
}

async function command(site: Site, step: CommandStep): Promise<void> {
  const { end, stderr } = await execute(site, step)
  const succeeded = 'exit' in end && end.exit === 0
  if (succeeded || step.mayFail) return
  const words = step.argv[0] === 'sh' ? 'a script' : step.argv.join(' ')
  const how = 'timedOut' in end ? 'it does not end' : stderr.trim()
  throw new LabError('failed', `on ${step.on}: ${words}: ${how}`)
}

async function wait(site: Site, { until, shows = '', lacks }: WaitStep): Promise<void> {
  const look = async (): Promise<string | undefined> => {
    const text = Buffer.from((await execute(site, until)).stdout).toString('utf8')
    if (!text.includes(shows)) return `${until.argv.join(' ')} does not show ${shows}`
    return lacks !== undefined && text.includes(lacks)
      ? `${until.argv.join(' ')} still shows ${lacks}`
      : undefined
  }
  await waitUntil(look, { deadline: performance.now() + WAIT_MS })
}

async function flanneld(site: Site, step: FlanneldStep): Promise<void> {
  const argv = [...site.context[step.of].flanneldArgv, ...(step.words ?? [])]
  site.lab = await moveFlanneld(site.lab, hostAt(site, step.of), { to: step.flanneld, argv })
}

async function doStep(site: Site, step: Step): Promise<void> {
  if ('on' in step) await command(site, step)
  else if ('flanneld' in step) await flanneld(site, step)
  else if ('path' in step) await askApi(site.lab, { method: step.api, path: step.path, body: step.body })
  else if ('etcd' in step) await editDatastore(site.lab, step)
  else await wait(site, step)
}

/** Does the steps in their order. Throws LabError at the first that fails. */
export async function doSteps(site: Site, steps: readonly Step[]): Promise<void> {
  for (const step of steps) await doStep(site, step)
}
