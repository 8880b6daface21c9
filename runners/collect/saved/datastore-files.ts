/** The reading of the datastore in a saved state: `datastore.json`, and one file per resource of the Kubernetes API. */
type Content = Readonly<Record<string, unknown>>

/** Folder of the API's lists, each as `kubectl get NAME -o json` prints it. */
const FOLDER = 'kubernetes'
/** Resources that may be there, so that a state names no file to be read. */
const RESOURCES = ['nodes', 'configmaps', 'daemonsets', 'pods', 'services', 'endpointslices'] as const

function isObject(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The files of a reading, by their path in the state. */
export function datastoreFiles(
  datastore: unknown,
  json: (value: unknown) => string,
): readonly (readonly [string, string])[] {
  if (!isObject(datastore) || !isObject(datastore.resources)) return [['datastore.json', json(datastore)]]
  const { resources, ...rest } = datastore
  const lists = Object.entries(resources as Content).map(
    ([name, list]) => [`${FOLDER}/${name}.json`, json(list)] as const,
  )
  return [['datastore.json', json(rest)], ...lists]
}

/** The reading out of its files; undefined where there is none. */
export function datastoreOf(read: (path: string) => unknown): unknown {
  const datastore = read('datastore.json')
  if (!isObject(datastore) || datastore.kind !== FOLDER || 'resources' in datastore) return datastore
  const lists = RESOURCES.flatMap((name) => {
    const list = read(`${FOLDER}/${name}.json`)
    return list === undefined ? [] : [[name, list] as const]
  })
  return { ...datastore, resources: Object.fromEntries(lists) }
}
