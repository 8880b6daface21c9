/** Texts as etcd, a user and ping write them. */

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
