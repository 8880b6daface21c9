/** Texts as etcd, a user, ping and a credential plugin write them. */

export const CONFIG =
  '{"Network":"10.5.0.0/16","SubnetLen":24,"SubnetMin":"10.5.1.0","Backend":{"Type":"vxlan","VNI":1,"Port":8472,"DirectRouting":true}}'
export const LEASE =
  '{"PublicIP":"192.0.2.12","PublicIPv6":null,"BackendType":"vxlan","BackendData":{"VNI":1,"VtepMAC":"4e:09:c0:13:db:65"}}'
export const INVENTORY = `sshConfig: ssh_config
etcd:
  endpoints: [http://192.0.2.1:2379]
  prefix: /coreos.com/network
hosts:
  - name: h1
    via: netns://h1
    containers: [{ name: h1c1, via: netns://h1c1 }]
  - { name: h2, via: 'ssh://root@192.0.2.2:22' }
`
export const PING = `PING 10.5.1.2 (10.5.1.2) 56(84) bytes of data.
64 bytes from 10.5.1.2: icmp_seq=1 ttl=62 time=0.10 ms
From 10.5.1.1 icmp_seq=2 Frag needed and DF set (mtu = 1450)

--- 10.5.1.2 ping statistics ---
3 packets transmitted, 1 received, +1 errors, 66% packet loss, time 40ms
rtt min/avg/max/mdev = 0.100/0.100/0.100/0.000 ms
`
export const CONFIGURATION = `defaults:
  fail-on: warning
commands:
  check:
    probe: true
    only: [route, fdb/peer-vtep]
waivers:
  - code: docker/firewall:wait
    host: h1
    reason: known
    until: 2031-01-01
`
export const KUBECONFIG = `apiVersion: v1
kind: Config
current-context: lab
clusters: [{ name: lab, cluster: { server: 'https://192.0.2.1:6443', certificate-authority-data: QQ== } }]
contexts: [{ name: lab, context: { cluster: lab, user: admin } }]
users:
  - { name: admin, user: { token: abc } }
  - name: plugin
    user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: ./token, args: [-v], env: [{ name: A, value: b }] } }
`
export const CREDENTIAL =
  '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"abc","clientCertificateData":"QQ"}}'
