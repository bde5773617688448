#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mmdebstrap in its root mode makes of the same packages, as an ordinary user, the archive that real root makes.

load ../lib
load debian/mirror

@test "names, modes, owners, device numbers, links and times of a Debian made by an ordinary user are those of real root's" {
	local command

	need_root "make the one to compare with"
	debian_mirror "$T/mirror"
	# the times of what packages make, and of devices
	export SOURCE_DATE_EPOCH=1700000000
	mkdir "$T/native" "$T/user"
	own "$T/user"

	mapfile -t command < <(mmdebstrap_command root "$T/mirror" "$T/native/debian.tar")
	TMPDIR=$T/native timeout -k 5 1200 "${command[@]}" >"$T/native.log" 2>&1 || fail "as root: $(tail -n 40 "$T/native.log")"
	mapfile -t command < <(mmdebstrap_command root "$T/mirror" "$T/user/debian.tar")
	as_user env TMPDIR="$T/user" timeout -k 5 1200 "$T/subuidless" run "${command[@]}" >"$T/user.log" 2>&1 3>&- ||
		fail "as a user: $(tail -n 40 "$T/user.log")"

	listing "$T/native/debian.tar" >"$T/native.list"
	listing "$T/user/debian.tar" >"$T/user.list"
	same "$(cat "$T/native.list")" "$(cat "$T/user.list")"
	# it is what was meant
	[ "$(wc -l <"$T/native.list")" -gt 3000 ]
	grep -q '^crw-rw-rw- 0/0  *1,3 .* \./dev/null$' "$T/native.list"
	grep -q '^-rwxr-sr-x 0/42 .* \./usr/bin/chage$' "$T/native.list"
	grep -q '^drwx------ 42/0 .* \./var/lib/apt/lists/partial/$' "$T/native.list"
}
