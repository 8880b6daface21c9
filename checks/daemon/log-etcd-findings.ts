/** The complaints of flanneld about etcd. */
import type { FindingKind } from '../check.ts'
import { FREE_ETCD_SPACE } from '../heal/steps.ts'
import { stops } from './log-finding-kinds.ts'

export const ETCD_LOG_FINDINGS = {
  'etcd-unreachable': stops(
    'gets no answer from etcd',
    'From {host} ask each endpoint (`curl ENDPOINT/health`): address, port, scheme (http or https), firewall, and whether etcd listens on more than 127.0.0.1.',
  ),
  'etcd-tls': stops(
    'has no TLS connection to etcd',
    'Give flanneld the authority of etcd (-etcd-cafile) and a certificate with its key (-etcd-certfile, -etcd-keyfile); compare dates, names and the clock of {host}.',
  ),
  'etcd-denied': stops(
    'is refused by etcd',
    'Give flanneld a user with rights on its prefix (-etcd-username, -etcd-password), or the certificate of one.',
  ),
  'etcd-full': stops(
    'cannot write to etcd, whose database is full',
    'Compact and defragment etcd, then clear the alarm: `etcdctl compact REVISION`, `etcdctl defrag`, `etcdctl alarm disarm`; raise --quota-backend-bytes.',
    FREE_ETCD_SPACE,
  ),
  'etcd-without-v2': stops(
    'speaks the v2 API, which this etcd does not serve',
    'Start etcd with --enable-v2=true (up to etcd 3.5), or take flannel v0.18.0 or later, which speaks v3, and write the configuration there.',
  ),
  'etcd-name-unknown': stops(
    'cannot look up the name of etcd',
    'See on {host} what `getent hosts NAME` says of each name in -etcd-endpoints: /etc/hosts, /etc/resolv.conf, the name server; at boot it may start before there is one. Addresses need none.',
  ),
} as const satisfies Readonly<Record<string, FindingKind>>
