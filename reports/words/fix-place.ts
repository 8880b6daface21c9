import type { Fix } from '../../checks/heal-step.ts'

/** Where a command is typed: on a host, or wherever the datastore can be reached. */
export function fixPlace({ host, command }: Pick<Fix, 'host' | 'command'>): string {
  if (host !== '') return host
  return command.startsWith('kubectl ') ? 'Kubernetes' : 'etcd'
}
