/** Taps on every stage of a path, started together, each with proof that it sees. */

import { present } from '../../../checks/model/present.ts'
import { newProbeToken } from '../own/probe-token.ts'
import { newProbeIdentity, type ProbeIdentity } from './probe-identity.ts'
import type { Sighting } from './sighting.ts'
import { openTap, type Tap, type TapPoint } from './tap.ts'
import { controlSeen } from './tap-control.ts'
import { type ArpSighting, tapLog, type Watch } from './tap-log.ts'

/** What one tap has to say at the end. */
export interface TapReport {
  readonly point: TapPoint
  readonly sightings: readonly Sighting[]
  readonly arps: readonly ArpSighting[]
  /** Why not having seen something proves nothing here; absent when it does prove that it was not there. */
  readonly unproven?: string
  /** The packets seen, as a pcap file. */
  readonly proof?: Uint8Array
}

export interface RunningTaps {
  /** Milliseconds until all taps were ready. */
  readonly readyMs: number
  /** What each tap has seen so far, in the order of the points. */
  sightings(): readonly (readonly Sighting[])[]
  /** Sends the closing controls, ends the taps and gives what they saw. */
  stop(): Promise<readonly TapReport[]>
}

interface Proof {
  readonly problem: string | undefined
  readonly opening: boolean
}

async function prove(tap: Tap, control: ProbeIdentity): Promise<Proof> {
  const problem = await tap.ready
  return { problem, opening: problem === undefined && (await controlSeen(tap, control)) }
}

async function endTap(
  tap: Tap,
  { problem, opening }: Proof,
  closing: ProbeIdentity | undefined,
): Promise<TapReport> {
  const stillSees = opening && closing !== undefined && (await controlSeen(tap, closing))
  const counts = await tap.stop()
  const { sightings, arps } = tap.log
  const why = [
    problem,
    opening ? undefined : 'the control packet was not seen',
    stillSees ? undefined : 'the closing control packet was not seen',
    typeof counts === 'string' ? counts : undefined,
    typeof counts !== 'string' && counts.dropped > 0
      ? `the kernel lost ${counts.dropped} packets`
      : undefined,
  ].find((each) => each !== undefined)
  const proof = tap.log.proof()
  return {
    point: tap.point,
    sightings,
    arps,
    ...present({ unproven: why, proof }),
  }
}

/**
 * Starts a tap at every point; resolves when all are ready or have failed and every ready one has shown its
 * control packet. Never rejects: a tap that cannot be had or does not see says so in its report.
 * Aborting the signal ends all of them.
 */
export async function startTaps(
  points: readonly TapPoint[],
  watch: Watch,
  signal?: AbortSignal,
): Promise<RunningTaps> {
  const startedAt = performance.now()
  const [token, opening, closing] = [newProbeToken(), newProbeIdentity(), newProbeIdentity()]
  const taps = await Promise.all(
    points.map((point) => openTap(point, { log: tapLog(watch, [opening, closing]), watch, token, signal })),
  )
  await Promise.all(taps.map(({ ready }) => ready))
  const readyMs = performance.now() - startedAt
  const proofs = await Promise.all(taps.map((tap) => prove(tap, opening)))
  return {
    readyMs,
    sightings: () => taps.map(({ log }) => log.sightings),
    stop: () => {
      const last = signal?.aborted === true ? undefined : closing
      return Promise.all(taps.map((tap, i) => endTap(tap, proofs[i] as Proof, last)))
    },
  }
}
