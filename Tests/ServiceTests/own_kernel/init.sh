# Process 1 of the tests' own Linux: what the scenario needs, the scenario, and off.
python=$1 scenario=$2 binary=$3
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
ip link set lo up
# No standard input: the kernel's own is at its end.
"$python" -B "$scenario" "$binary" </dev/null
halt -f -p
