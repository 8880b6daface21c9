#!/bin/sh
# boot.sh ROOT GROUP: boots ROOT: its systemd is the first process of namespaces of its own, a network with one link too,
# and has GROUP as the root of its control groups (version 2, mounted by itself so that it is there beside version 1).
# The number that it has outside is left in ROOT/booted.
set -eu
root=$1 group=$2
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir "/sys/fs/cgroup/$group"
echo $$ >"/sys/fs/cgroup/$group/cgroup.procs"
exec unshare --cgroup --mount --pid --uts --ipc --net --fork --kill-child sh -euc '
  cd "$1"
  read -r outside _ </proc/self/stat
  echo "$outside" >booted
  mount --bind . .
  cd "$1"
  mount -t proc proc proc
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount -t tmpfs -o mode=755 dev dev
  for device in null zero full random urandom tty; do
    : >dev/$device
    mount --bind /dev/$device dev/$device
  done
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
  ln -s pts/ptmx dev/ptmx
  mount -t tmpfs -o mode=755 run run
  ip link set lo up
  ip link add eth0 type veth peer name outside
  ip address add 192.0.2.1/24 dev eth0
  ip link set outside up
  ip link set eth0 up
  ip route add default via 192.0.2.254
  mkdir -p before
  pivot_root . before
  umount -l /before
  rmdir /before
  exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=journal
' sh "$root"
