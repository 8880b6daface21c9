/** `node runners/dev/join-matrix.ts FILE…`: parts of a matrix, as `lab matrix --format json=FILE` wrote them, as one page. */
import { readFileSync } from 'node:fs'
import { argv, stdout } from 'node:process'
import { present } from '../../checks/model/present.ts'
import { FAULTS } from '../../fixtures/all-faults.ts'
import type { Matrix } from '../../reports/matrix/matrix.ts'
import { matrixMarkdown } from '../../reports/matrix/matrix-text.ts'
import { traceSummary } from '../lab/matrix/matrix-trace-result.ts'

const BACKENDS = ['vxlan', 'host-gw', 'udp']

/** Parts of one backend; of a row that several have, the last. */
function joined(backend: string, parts: readonly Matrix[]): readonly Matrix[] {
  const [first] = parts
  if (first === undefined) return []
  const rows = new Map(parts.flatMap(({ faults }) => faults.map((row) => [row.fault, row])))
  const faults = FAULTS.flatMap(({ id }) => rows.get(id) ?? [])
  const healthy = new Map(parts.flatMap((part) => part.healthy.map((row) => [row.variant, row])))
  const pairs = parts.flatMap((part) => part.pairs ?? [])
  const trace = traceSummary(faults)
  return [
    {
      backend,
      flanneld: first.flanneld,
      faults,
      healthy: [...healthy.values()],
      ...(pairs.length > 0 && { pairs }),
      ...present({ trace }),
    },
  ]
}

const parts = argv
  .slice(2)
  .flatMap((path) => JSON.parse(readFileSync(path, 'utf8')) as Matrix | readonly Matrix[])
stdout.write(
  matrixMarkdown(
    BACKENDS.flatMap((backend) =>
      joined(
        backend,
        parts.filter((part) => part.backend === backend),
      ),
    ),
  ),
)
