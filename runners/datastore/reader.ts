/**
 * The etcd reader as a command, for networks that this process cannot enter: request as JSON on
 * stdin (so that no password shows in a process list), reading as JSON on stdout.
 */
import { text } from 'node:stream/consumers'
import { readEtcd } from './read-etcd.ts'
import type { EtcdRequest } from './request.ts'

const request = JSON.parse(await text(process.stdin)) as EtcdRequest
const reading = await readEtcd(request, new AbortController().signal)
// An unanswered gRPC connection attempt would keep the process alive after its client is closed.
process.stdout.write(JSON.stringify(reading), () => process.exit(0))
