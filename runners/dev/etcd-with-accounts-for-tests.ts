/** An etcd with accounts, which its gateway does not let in: what is read of it was read by gRPC. */
import { startTestEtcd } from '../datastore/etcd-for-tests.ts'
import { run } from '../hosts/command/spawn.ts'

const RECORD = '{"PublicIP":"192.0.2.11","BackendType":"host-gw"}'

/** The report of a check by this program, as JSON. */
export async function checkByAccount(program: readonly string[]) {
  const etcd = await startTestEtcd()
  try {
    await etcd.ctl('v3', 'put', '/coreos.com/network/config', '{"Network":"10.5.0.0/16"}')
    await etcd.ctl('v3', 'put', '/coreos.com/network/subnets/10.5.1.0-24', RECORD)
    await etcd.ctl('v3', 'user', 'add', 'root:word')
    await etcd.ctl('v3', 'user', 'grant-role', 'root', 'root')
    await etcd.ctl('v3', 'auth', 'enable')
    const asked = ['--etcd', etcd.url, '--etcd-user', 'root:word', '--host', 'netns://flannel-doctor-absent']
    const { stdout } = await run([...program, 'check', ...asked, '--format', 'json'], { timeoutMs: 60_000 })
    return JSON.parse(stdout.toString())
  } finally {
    await etcd.stop()
  }
}
