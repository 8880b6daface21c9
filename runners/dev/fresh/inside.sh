#!/bin/sh
# inside.sh ROOT COMMAND: makes ROOT the only file system of this mount namespace, and runs COMMAND in the checkout
# there. It is the first process of its process namespace, so it stays and reaps what the command leaves.
set -eu
root=$1 command=$2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 run "$root/run"
mount --bind -o ro "$GO_HERE" "$root/usr/local/go"
hostname fresh
# Without the machine's own mounts nothing here can hold a network namespace of its labs.
mkdir -p "$root/before"
cd "$root"
pivot_root . before
/before/bin/umount -l /before # a bare Debian has none
rmdir /before
unset GO_HERE
cd "/srv/new checkout/flannel-doctor"
umask 077
sh -c "$command" 2>&1 &
wait $!
