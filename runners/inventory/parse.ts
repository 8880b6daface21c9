/** The text of an inventory file to an inventory. */
import { dirname, resolve } from 'node:path'
import { present } from '../../checks/model/present.ts'
import { printable } from '../../reports/layout/printable.ts'
import { InputError } from '../input-error.ts'
import type { EtcdTarget, HostTarget, Inventory } from './inventory.ts'
import { everyProblem, offsetOf } from './problems.ts'
import {
  type InventoryFile,
  inventorySchema,
  KNOWN_KEYS,
  type LeasedInventoryFile,
  leasedInventorySchema,
} from './schema.ts'
import { at, readYaml, type Source } from './yaml-source.ts'

/** The text as YAML. A colon at the end of a bare word makes it a key, which the parser's own words do not say. */
function readInventory(text: string, file: string): ReturnType<typeof readYaml> {
  try {
    return readYaml(text, file, 'an inventory')
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const [, line] = /^:(\d+):/.exec(error.message.slice(printable(file).length)) ?? []
    const isBare = /\blocal:\s*([,}\]#]|$)/.test(text.split('\n')[Number(line) - 1] ?? '')
    if (!isBare || !error.message.includes('not allowed')) throw error
    throw new InputError(`${error.message}; write "local:" in quotes`)
  }
}

function refuseDuplicates(source: Source, hosts: InventoryFile['hosts']): void {
  const seen = new Map<string, number>()
  for (const [index, { name }] of hosts.entries()) {
    const first = seen.get(name)
    if (first !== undefined) {
      const place = at(source, offsetOf(source.document, ['hosts', index, 'name']))
      throw new InputError(
        `${place}: hosts[${index}].name: expected a name of its own, got "${name}", which is hosts[${first}]`,
      )
    }
    seen.set(name, index)
  }
}

/** Of one file: zod would compile a function for every object, which takes longer than to look at each. */
const ONCE = { jitless: true }

function parsedFile(source: Source, content: unknown): InventoryFile | LeasedInventoryFile {
  const hosts = (content as { readonly hosts?: unknown } | null)?.hosts
  const isLeased = typeof hosts === 'object' && hosts !== null && !Array.isArray(hosts)
  const parsed = (isLeased ? leasedInventorySchema : inventorySchema).safeParse(content, ONCE)
  if (parsed.success) return parsed.data
  const keys = isLeased ? { ...KNOWN_KEYS, hosts: ['fromLeases'] } : KNOWN_KEYS
  throw new InputError(everyProblem({ ...source, keys }, parsed.error.issues, content))
}

/** An inventory file's text; `file` is its path, for messages and relative paths. Throws InputError. */
export function parseInventory(text: string, file: string): Inventory {
  const { source, content } = readInventory(text, file)
  const { hosts: said, ...rest } = parsedFile(source, content)
  const { etcd = {}, datastore, sshConfig } = rest
  if (rest.etcd !== undefined && datastore !== undefined) {
    const place = at(source, offsetOf(source.document, ['datastore']))
    throw new InputError(
      `${place}: expected etcd or datastore.kube, got both: flannel keeps its leases in one of them`,
    )
  }
  const hosts = Array.isArray(said) ? said : []
  refuseDuplicates(source, hosts)
  const path = (name: string | undefined) => (name === undefined ? undefined : resolve(dirname(file), name))
  const target = etcd as EtcdTarget
  const kube = datastore && present({ ...datastore.kube, kubeconfig: path(datastore.kube.kubeconfig) })
  return {
    ...(kube && { kubernetes: kube }),
    etcd: present({ ...target, ca: path(target.ca), cert: path(target.cert), key: path(target.key) }),
    hosts: hosts.map(
      (host) =>
        present({
          ...host,
          subnetFile: path(host.subnetFile),
          flanneldLog: path(host.flanneldLog),
          dockerSocket: path(host.dockerSocket),
          dockerOptionsFile: path(host.dockerOptionsFile),
          sshConfig: host.via.startsWith('ssh://') ? path(sshConfig) : undefined,
          vagrantFolder: host.via.startsWith('vagrant://') ? resolve(dirname(file)) : undefined,
        }) as HostTarget,
    ),
    ...(!Array.isArray(said) && {
      fromLeases: present({ url: said.fromLeases, sshConfig: path(sshConfig) }),
    }),
    complete: true,
  }
}
