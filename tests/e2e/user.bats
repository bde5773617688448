# SPDX-License-Identifier: Apache-2.0
# A container that does not start as root: process.user, and what to do where the runtime cannot pass it on.

load ../lib.bash

bats_require_minimum_version 1.5.0

ids='id -u; id -g; id -G; grep NoNewPrivs /proc/self/status; chown 5 /tmp/f 2>/dev/null || echo refused; exec sh -c "id -u; id -ru; id -rg"'

# profile_user BUNDLE USER: the profile says as whom the first program runs
profile_user() {
	"$T/subuidless" profile --listener "$SOCKET" --user "$2" >"$1/seccomp.json"
	jq --slurpfile seccomp "$1/seccomp.json" '.linux.seccomp = $seccomp[0]' "$1/config.json" >"$1/config.new"
	mv "$1/config.new" "$1/config.json"
}

setup() {
	lib_setup
	busybox_rootfs "$T/rootfs"
	: >"$T/rootfs/tmp/f"
	own "$T/rootfs/tmp/f"
	start_daemon
}

@test "crun: process.user" {
	make_bundle "$T/bundle" "$T/rootfs" '.process.user = {"uid": 999, "gid": 998, "additionalGids": [5]}'
	# crun sets these groups, or finds that it cannot, before it loads the filter
	same $'999\n998\n998\nNoNewPrivs:\t0\nrefused\n999\n999\n998' "$(crun_sh "$T/bundle" c "$ids")"
}

@test "crun: process.user and a user of crun exec" {
	make_bundle "$T/bundle" "$T/rootfs" '.process.user = {"uid": 999, "gid": 998}'
	crun_start_bg "$T/bundle" c
	same $'999\n998' "$(crun exec --user 999:998 c sh -c 'id -u; id -g')"
	same $'0\n0' "$(crun exec --user 0:0 c sh -c 'id -u; id -g')"
	same $'7\n8' "$(crun exec --user 7:8 c sh -c 'id -u; id -g')"
	# there it asks after it has loaded the filter
	jq '.process | .user = {"uid": 7, "gid": 8, "additionalGids": [5, 4294967294]} | .args = ["sh", "-c", "id -u; id -G"]' "$T/bundle/config.json" >"$T/process.json"
	same $'7\n8 5 4294967294' "$(crun exec --process "$T/process.json" c)"
	crun_kill c
}

# crun 1.8 cannot write the maps for another user than root
@test "crun with a user namespace of its own, whose first program is executed before it can be entered" {
	if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
		need_root "hide hybrid cgroups outside of a user namespace"
	fi
	make_bundle "$T/bundle" "$T/rootfs" ".linux.namespaces += [{\"type\": \"user\"}] |
		.linux.uidMappings = [{\"containerID\": 0, \"hostID\": $USER_ID, \"size\": 1}] |
		.linux.gidMappings = [{\"containerID\": 0, \"hostID\": $USER_ID, \"size\": 1}]"
	profile_user "$T/bundle" 999:998
	set_args "$T/bundle" sh -c "$ids"
	run --separate-stderr unshare -m sh -c 'mount -t tmpfs none /sys/fs/cgroup; exec "$@"' sh \
		"${AS_USER[@]}" crun --cgroup-manager=disabled run -b "$T/bundle" c
	same $'999\n998\n998\nNoNewPrivs:\t0\nrefused\n999\n999\n998' "$output" || fail "$stderr"
}

@test "runc: process.user" {
	make_bundle "$T/bundle" "$T/rootfs" '.process.user = {"uid": 999, "gid": 998, "additionalGids": [20, 5]}' runc
	set_args "$T/bundle" sh -c "$ids"
	same $'999\n998\n998 5 20\nNoNewPrivs:\t0\nrefused\n999\n999\n998' "$(as_user unshare -r runc --root "$T/run/runc" run -b "$T/bundle" c)"
}

@test "noNewPrivileges, and additional groups: the profile names the user" {
	make_bundle "$T/bundle" "$T/rootfs" '.process.noNewPrivileges = true'
	profile_user "$T/bundle" 999:998:20,5
	same $'999\n998\n998 5 20\nNoNewPrivs:\t1\nrefused\n999\n999\n998' "$(crun_sh "$T/bundle" c "$ids")"
	make_bundle "$T/bundle" "$T/rootfs" '.process.noNewPrivileges = false'
	profile_user "$T/bundle" 999:998:20,5
	same $'999\n998\n998 5 20\nNoNewPrivs:\t0\nrefused\n999\n999\n998' "$(crun_sh "$T/bundle" d "$ids")"
}

@test "a user that cannot be understood is refused, by profile and by the daemon" {
	local user

	for user in '' x 1: 1:2: 1:2:3, -1 4294967295 1:4294967295 '1 2' 1:2:3:4 0x10 "1:2:$(seq -s, 257)"; do
		run "$T/subuidless" profile --listener "$SOCKET" --user "$user"
		[ "$status" -ne 0 ] || fail "profile takes user '$user'"
	done
	make_bundle "$T/bundle" "$T/rootfs" '.linux.seccomp.listenerMetadata = "user=root" | .process.noNewPrivileges = true'
	crun_sh "$T/bundle" c "id -u" || :
	within 60 daemon_said 'user=UID\[:GID' || fail "the daemon says nothing about it"
	! daemon_said 'brings no seccomp listener' || fail "the daemon gives another reason too"
}

@test "a container that may not become its user does not start as root" {
	make_bundle "$T/bundle" "$T/rootfs" '.process.noNewPrivileges = true | .process.capabilities |= map_values(. - ["CAP_SETUID"])'
	profile_user "$T/bundle" 999:998
	set_args "$T/bundle" sh -c 'id -u'
	run crun_run "$T/bundle" c
	[ "$status" -ne 0 ] && [[ "$output" == *"not permitted"* ]] || fail "status $status: $output"
}

@test "run: a user that it cannot become, for any place of the command in PATH" {
	printf '#!/bin/sh\nid -u\n' >"$T/script"
	chmod 755 "$T/script"
	own "$T/script"
	same $'999' "$(as_user env PATH="$T/none:$T/rootfs:$T:$PATH" "$T/subuidless" run --user 999:998 script)"
}

@test "/proc/PID/setgroups says whether a process that asks for its status can call setgroups(2)" {
	# shellcheck disable=SC2016 # for the shell inside
	script='cat /proc/self/setgroups; cat /proc/thread-self/setgroups; readlink -f /proc/self/fd/5 5</proc/self/setgroups | sed "s/[0-9][0-9]*/N/"
		stat -L -c "%s %u:%g %a %F" - </proc/self/setgroups; python3 -c "import os
f = os.open(\"/proc/self/setgroups\", os.O_RDONLY)
a, b = os.fstat(f), os.stat(\"/proc/self/setgroups\")
print((a.st_ino, a.st_dev, a.st_size) == (b.st_ino, b.st_dev, b.st_size), os.get_inheritable(f), os.read(f, 3), os.fstat(f).st_uid, os.read(f, 9))
f = os.open(\"/proc/self/setgroups\", os.O_RDWR)
print(os.fstat(f).st_size, os.readlink(f\"/proc/self/fd/{f}\")[-9:])
f = os.open(\"/proc/self/gid_map\", os.O_RDONLY)
os.fstat(f)
print(len(os.read(f, 99)))"
		unshare -r sh -c "cat /proc/self/setgroups; sleep 1" & sleep 0.5; cat /proc/$!/setgroups; wait
		setpriv --reuid 5 --regid 5 --clear-groups cat /proc/self/setgroups'
	for where in "" --host-pid; do
		# shellcheck disable=SC2086 # an option or none
		same "$(unshare -fpm --mount-proc sh -c "$script")" "$(as_user "$T/subuidless" run $where -- sh -c "$script")"
	done
	# half of the kernel's answer is not followed by half of another
	same deny "$(as_user "$T/subuidless" run -- python3 -c 'import os
f = os.open("/proc/self/setgroups", os.O_RDONLY)
a = os.read(f, 3)
os.fstat(f)
print((a + os.read(f, 9)).decode().strip())')"
}
