/** Readers of the files that a user names, and of what a program of theirs prints. */
import { Command } from 'commander'
import { addCommands } from '../../cli/grammar.ts'
import { configurable } from '../../cli/options/config-file.ts'
import { configKeys, configSchema } from '../../cli/options/config-schema.ts'
import { patchOf } from '../../collect/saved/patched-state.ts'
import { printedCredential } from '../../datastore/kubernetes/exec-credential.ts'
import { kubeconfigOf } from '../../datastore/kubernetes/kubeconfig.ts'
import { KubeAccessError } from '../../datastore/kubernetes/request.ts'
import { InputError } from '../../input-error.ts'
import { parseInventory } from '../../inventory/parse.ts'
import { everyProblem } from '../../inventory/problems.ts'
import { readYaml } from '../../inventory/yaml-source.ts'
import { CONFIGURATION, CREDENTIAL, INVENTORY, KUBECONFIG } from './samples.ts'
import { type FuzzTarget, faultPatches, texts } from './seeds.ts'

const program = new Command()
addCommands(program, undefined as never)
const COMMANDS = configurable(program)

function configuration(text: string): unknown {
  const { source, content } = readYaml(text, 'flannel-doctor.yaml', 'a configuration')
  const parsed = configSchema(COMMANDS, true).safeParse(content ?? {})
  if (parsed.success) return parsed.data
  throw new InputError(everyProblem({ ...source, keys: configKeys(COMMANDS) }, parsed.error.issues, content))
}

/** Access that is refused in words is no crash. */
function refusable(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof KubeAccessError) return error.message
    throw error
  }
}

export const USER_FILE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'inventory',
    seeds: texts(INVENTORY, '{"hosts":[{"name":"a","via":"local:"}]}'),
    read: (input) => parseInventory(input.toString('utf8'), 'hosts.yaml'),
  },
  {
    name: 'configuration',
    seeds: texts(CONFIGURATION),
    read: (input) => configuration(input.toString('utf8')),
  },
  {
    name: 'kubeconfig',
    seeds: texts(KUBECONFIG),
    read: (input) => refusable(() => kubeconfigOf(input.toString('utf8'), 'config')),
  },
  {
    name: 'exec credential',
    seeds: texts(CREDENTIAL),
    read: (input) => refusable(() => printedCredential({ apiVersion: 'v1', command: 'token' }, input)),
  },
  {
    name: 'patched state',
    seeds: faultPatches,
    read: (input) => patchOf(input.toString('utf8'), 'a.patch'),
  },
]
