/** Services of the API with who answers for them: ports and endpoints belong together by the name of the port. */
import { parseAddress } from '../../../checks/model/address.ts'
import type { Service, ServiceEndpoint, ServicePort } from '../../../checks/model/node.ts'
import { present } from '../../../checks/model/present.ts'
import type { EndpointSliceObject, ServiceObject } from './reading.ts'

type Slices = ReadonlyMap<string, readonly EndpointSliceObject[]>

function protocolOf(text: string): ServicePort['protocol'] | undefined {
  return text === 'TCP' ? 'tcp' : text === 'UDP' ? 'udp' : undefined
}

/** One that says nothing of being ready is (`discovery.k8s.io/v1`, EndpointConditions). */
function endsOf({ endpoints }: EndpointSliceObject, port: number): readonly ServiceEndpoint[] {
  return endpoints
    .filter(({ conditions }) => conditions.ready !== false)
    .flatMap(({ addresses: [address], nodeName }) =>
      address === undefined ? [] : [{ address, port, ...present({ node: nodeName }) }],
    )
}

function portOf(
  { name = '', protocol, port, nodePort }: ServiceObject['spec']['ports'][number],
  slices: readonly EndpointSliceObject[],
): readonly ServicePort[] {
  const kind = protocolOf(protocol)
  if (kind === undefined) return []
  const endpoints = slices.flatMap((slice) =>
    slice.ports
      .filter((one) => (one.name ?? '') === name && one.protocol === protocol)
      .flatMap((one) => (one.port ? endsOf(slice, one.port) : [])),
  )
  return [{ protocol: kind, port, endpoints, ...present({ name: name || undefined, nodePort }) }]
}

function serviceOf({ metadata, spec }: ServiceObject, slices: Slices): readonly Service[] {
  const { namespace = 'default', name } = metadata
  const { clusterIP: clusterIp = '', externalTrafficPolicy: externalPolicy, ports } = spec
  if (parseAddress(clusterIp) === undefined) return []
  const own = slices.get(`${namespace}/${name}`) ?? []
  const found = ports.flatMap((port) => portOf(port, own))
  return [{ namespace, name, clusterIp, ...present({ externalPolicy }), ports: found }]
}

/** Services that have an IPv4 address; headless ones and names of others have none. */
export function servicesOf(
  services: readonly ServiceObject[],
  endpointSlices: readonly EndpointSliceObject[],
): readonly Service[] {
  const ofIpv4 = endpointSlices.filter(({ addressType }) => addressType === 'IPv4')
  const slices = Map.groupBy(ofIpv4, ({ metadata: { namespace = 'default', labels } }) => {
    return `${namespace}/${labels['kubernetes.io/service-name']}`
  })
  return services.flatMap((service) => serviceOf(service, slices))
}
