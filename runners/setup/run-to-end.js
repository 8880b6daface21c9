/** Runs the commands that build flanneld and the parts of a Kubernetes lab. Plain JavaScript on node: modules only, for Node 18 and later. */
import { spawn } from 'node:child_process'

/** A cold build downloads some 200 modules and compiles for one to two minutes. */
const DEADLINE_MS = 15 * 60_000

/** Runs a command to its end and gives its output; a failure is an Error with the command's last words. */
export function execute(argv, { cwd, env = process.env, merged = false, deadlineMs = DEADLINE_MS } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let out = ''
    let complaints = ''
    const timer = setTimeout(() => killGroup(child.pid), deadlineMs)
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      complaints = (complaints + chunk).slice(-4000)
    })
    child.once('error', (error) => {
      clearTimeout(timer)
      const known = argv[0] === 'go' && error.code === 'ENOENT'
      reject(known ? new Error('building it needs Go (https://go.dev/dl), version 1.21 or later') : error)
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      if (code === 0) resolve(merged ? out + complaints : out)
      else reject(new Error(failure(argv, code, complaints.trim() || out.trim())))
    })
  })
}

function failure(argv, code, said) {
  const words = said.split('\n').slice(-5).join(' · ').slice(-600)
  return `${argv.slice(0, 3).join(' ')} ended with ${code ?? 'a signal'}: ${words}`
}

function killGroup(pid) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
