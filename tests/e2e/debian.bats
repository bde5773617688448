#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Software that drops, switches or checks identity, in a Debian root file system that umoci unpacked: tests/e2e/debian/inside.sh runs
# once as real root in a chroot and once in a container, and must say the same.

load ../lib
load debian/image

PARTS='packages users cron_start postgres sshd nginx dbus su sudo passwd setpriv gosu files cron agree'

setup() {
	lib_setup
	NATIVE=$BATS_FILE_TMPDIR/native CONTAINER=$BATS_FILE_TMPDIR/container
}

# so many ports of the loopback device that nobody uses; below those that the kernel gives to clients, and beginning where no other TEST_ID does
free_ports() {
	python3 -c 'import socket, sys
wanted, first = int(sys.argv[1]), 10000 + int(sys.argv[2]) % 1000 * 20
ports = []
for port in range(first, first + 20):
	try:
		socket.create_server(("127.0.0.1", port)).close()
		ports.append(port)
	except OSError:
		pass
print(*ports[:wanted])' "$1" "$USER_ID"
}

# NAME=PORT for each port that the checks need
ports() {
	local ssh http pg

	read -r ssh http pg < <(free_ports 3)
	echo "SSH_PORT=$ssh" "HTTP_PORT=$http" "PG_PORT=$pg"
}

ended() {
	grep -q "^end: $PARTS\$" "$1" || {
		tail -n 40 "$1.log"
		fail "the checks did not run to their end"
	}
}

# of_parts FILE PREFIX...: the lines whose names begin so
of_parts() {
	local file=$1

	shift
	grep -E "^($(tr ' ' '|' <<<"$*"))\." "$file"
}

# agrees PREFIX...: the container said what real root said
agrees() {
	local name

	need_root "run them"
	[ -s "$NATIVE" ] && [ -s "$CONTAINER" ] || fail "the checks did not run" || return 1
	same "$(of_parts "$NATIVE" "$@")" "$(of_parts "$CONTAINER" "$@")" || {
		# what the first of them had to say besides
		name=$(diff <(of_parts "$NATIVE" "$@") <(of_parts "$CONTAINER" "$@") | sed -n 's/^[<>] \([^:]*\):.*/\1/p' | head -n 1)
		awk -v name="$name" '$1 == "==" { on = $2 == name } on' "$CONTAINER.log" | tail -n 40
		return 1
	}
}

@test "as real root in a chroot" {
	local port_list

	need_root "make an archive with mmdebstrap, and a chroot"
	checks_layer "$T/layer"
	debian_image "$BATS_FILE_TMPDIR/oci" "$T/layer"
	unpack_native "$BATS_FILE_TMPDIR/oci" "$T/native"
	read -ra port_list < <(ports)
	timeout -k 5 1700 "$TESTS/e2e/debian/native.sh" "$T/native/rootfs" env "${port_list[@]}" /root/debian/inside.sh \
		</dev/null >"$NATIVE" 2>"$NATIVE.log" 3>&- || :
	ended "$NATIVE"
	same "$(cat "$TESTS/e2e/debian/expected")" "$(cat "$NATIVE")"
}

@test "in a container" {
	need_root "make an archive with mmdebstrap"
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
	unpack_single "$BATS_FILE_TMPDIR/oci" "$T/unpacked"
	start_daemon
	make_bundle "$T/bundle" "$T/unpacked/rootfs" ".process.env += $(ports | jq -R 'split(" ")')"
	set_args "$T/bundle" /root/debian/inside.sh
	CRUN_TIMEOUT=1700 crun_run "$T/bundle" debian </dev/null >"$CONTAINER" 2>"$CONTAINER.log" || :
	ended "$CONTAINER"
}

@test "apt and its sandbox, dpkg and its scripts" { agrees apt; }
@test "users are added and changed" { agrees users; }
@test "postgres: created, started and dropped by its own tools, peer authentication" { agrees postgres; }
@test "sshd: logins with keys, terminals, owners of keys" { agrees sshd; }
@test "nginx: workers are www-data" { agrees nginx; }
@test "dbus: EXTERNAL authentication, policies by user and group, activation" { agrees dbus; }
@test "cron: jobs of users" { agrees cron; }
@test "su, runuser, newgrp, sg, start-stop-daemon" { agrees su; }
@test "sudo" { agrees sudo; }
@test "passwd, chage, chfn by users" { agrees passwd; }
@test "setpriv, chroot --userspec" { agrees setpriv; }
@test "a static Go program with threads" { agrees gosu; }
@test "who may change owners and modes" { agrees files; }
@test "id agrees everywhere" { agrees agree; }
