/** Which folders of a folder are built on which. */
import type { Import } from './import-graph.ts'

/** A folder whose own folders import each other in one direction. */
export interface Building {
  readonly folder: string
  /** From the ground up; folders on one floor do not know each other, but on the ground floor. `''`: the folder's own files. */
  readonly floors: readonly (readonly string[])[]
}

export const BUILDINGS: readonly Building[] = [
  {
    folder: 'runners',
    floors: [
      ['', 'setup', 'files'],
      ['hosts'],
      ['collect'],
      ['plugins'],
      ['datastore'],
      ['inventory'],
      ['probe'],
      ['trace'],
      ['run'],
      ['lab'],
      ['conformance', 'throughput'],
      ['cli', 'library'],
      ['dev'],
    ],
  },
  {
    folder: 'runners/run',
    floors: [['collecting'], ['judging'], ['saved'], ['steps'], [''], ['compared', 'repeated']],
  },
  {
    folder: 'reports',
    floors: [
      ['document'],
      ['layout'],
      ['words'],
      ['certificate'],
      ['html', 'markdown', 'programs', 'text'],
      ['diff', 'matrix', 'throughput'],
      [''],
    ],
  },
]

const inBuilding = (path: string, { folder }: Building): boolean => path.startsWith(`${folder}/`)

/** Of runners/: `runners/probe/…` → `probe`, and `''` for a file of runners/ itself. */
function folderIn(path: string, { folder }: Building): string {
  const [first = '', ...below] = path.slice(folder.length + 1).split('/')
  return below.length === 0 ? '' : first
}

/** A folder without a floor is above all. */
function floorOf(folder: string, { floors }: Building): number {
  const floor = floors.findIndex((folders) => folders.includes(folder))
  return floor < 0 ? floors.length : floor
}

/** True for an import of a folder that stands no lower. */
export function climbsFloors({ from, to, isPackage }: Import, building: Building): boolean {
  if (isPackage || !inBuilding(to, building)) return false
  const [own, other] = [folderIn(from, building), folderIn(to, building)]
  const [floor, otherFloor] = [floorOf(own, building), floorOf(other, building)]
  return otherFloor > floor || (otherFloor === floor && floor > 0 && own !== other)
}
