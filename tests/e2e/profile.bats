# SPDX-License-Identifier: Apache-2.0
# Profiles of engines with our rules merged in: what they allow works and is emulated, what they deny stays denied.

load ../lib.bash

PODMAN=${PODMAN_PROFILE:-/usr/share/containers/seccomp.json}

podman_profile() {
	[ -s "$PODMAN" ] || skip "there is no $PODMAN (package golang-github-containers-common)"
	cp "$PODMAN" "$T/engine.json"
}

# docker's is within its binary, and as a file only in a package for developers that depends on hundreds
docker_profile() {
	local kept=$CACHE/docker.json inside=usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json

	if [ ! -s "$kept" ]; then
		mkdir -p "$CACHE" "$T/deb"
		(cd "$T/deb" && apt-get -qq download golang-github-docker-docker-dev && dpkg-deb --fsys-tarfile ./*.deb | tar -xO "./$inside") >"$T/docker.json" 2>"$T/download.log" ||
			skip "golang-github-docker-docker-dev cannot be had: $(tail -n 1 "$T/download.log")"
		cp "$T/docker.json" "$kept.$$"
		mv "$kept.$$" "$kept"
	fi
	cp "$kept" "$T/engine.json"
}

# for_runtime PROFILE: as an engine makes linux.seccomp of it, for the capabilities of config.json
for_runtime() {
	jq --slurpfile config "$T/bundle/config.json" '
		$config[0].process.capabilities.bounding as $caps
		| if .archMap then .architectures = [.archMap[] | select(.architecture == "SCMP_ARCH_X86_64") | .architecture, .subArchitectures[]] else . end
		| del(.archMap, .defaultErrno)
		| .syscalls |= [.[] | (.includes // {}) as $in | (.excludes // {}) as $out
			| select(all($in.caps // [] | .[]; IN($caps[])) and ("amd64" | IN($in.arches // ["amd64"] | .[]))
				and (any($out.caps // [] | .[]; IN($caps[])) or ("amd64" | IN($out.arches // [] | .[])) | not))
			| {names: (.names // [.name]), action, args, errnoRet} | with_entries(select(.value != null and .value != []))]' "$1"
}

# has_i386: the program for i386, where the kernel runs it
has_i386() {
	need_i386
	cc -m32 -O1 -static -isystem /usr/include/x86_64-linux-gnu -o "$T/rootfs/bin/probe32" "$TESTS/e2e/profile/probe.c"
	own "$T/rootfs/bin/probe32"
}

# bundle RUNTIME [JQ_FILTER]: with the merged profile, and beside it, as "alone", one with the engine's; the filter changes both
bundle() {
	busybox_rootfs "$T/rootfs"
	cc -O1 -static -o "$T/rootfs/bin/probe" "$TESTS/e2e/profile/probe.c"
	own "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs" "${2-.}" "$1"
	make_bundle "$T/alone" "$T/rootfs" "${2-.}" "$1"
	"$T/subuidless" profile --merge "$T/engine.json" --listener "$SOCKET" --runtime "$1" >"$T/merged.json"
	set_profiles
}

set_profiles() {
	local dir

	for_runtime "$T/merged.json" >"$T/bundle/seccomp.json"
	for_runtime "$T/engine.json" >"$T/alone/seccomp.json"
	for dir in bundle alone; do
		jq --slurpfile seccomp "$T/$dir/seccomp.json" '.linux.seccomp = $seccomp[0]' "$T/$dir/config.json" >"$T/$dir/new.json"
		mv "$T/$dir/new.json" "$T/$dir/config.json"
		own "$T/$dir"
	done
}

without_capability() {
	local dir

	for dir in bundle alone; do
		jq --arg name "$1" '.process.capabilities[] -= [$name]' "$T/$dir/config.json" >"$T/$dir/new.json"
		mv "$T/$dir/new.json" "$T/$dir/config.json"
	done
	set_profiles
}

# in_container RUNTIME BUNDLE SCRIPT
in_container() {
	set_args "$T/$2" sh -c "$3"
	if [ "$1" = crun ]; then
		crun run -b "$T/$2" "$2"
	else
		as_user unshare -r timeout -k 5 60 runc --root "$T/run/runc" run -b "$T/$2" "$2"
	fi
}

# What is emulated, of each kind of call that is trapped.
works() { # RUNTIME
	same 'f 42:43 640
p 7:8
uid=42(alice) gid=43(alice) groups=43(alice)
42:43
null 1,3
0
/
done' "$(in_container "$1" bundle 'cd /tmp; touch f; chmod 640 f; chown 42:43 f; stat -c "%n %u:%g %a" f; mkfifo p; chown 7:8 p; stat -c "%n %u:%g" p
		su alice -c "id; touch /tmp/g; stat -c %u:%g /tmp/g"; mknod null c 1 3; stat -c "%n %t,%T" null
		chroot / id -u; cd /; pwd; (exec true); rm -r /tmp/*; echo done')"
}

# For each number of a call with senseless arguments, what comes of it is the same with the rules merged and without.
same_results() { # RUNTIME PROBE SETGROUPS: the numbers of setgroups(2), which the kernel denies here before it looks at the arguments
	in_container "$1" alone "$2 all" | grep -vE "^($3) " >"$T/alone.out"
	in_container "$1" bundle "$2 all" | grep -vE "^($3) " >"$T/bundle.out"
	[ "$(grep -cE ' (1|38)$' "$T/alone.out")" -gt 30 ] || fail "$(cat "$T/alone.out")"
	# io_uring would go around the filter: where the engine allows it, the merged profile does not
	sed -i 's/^425 .*/425 38/' "$T/alone.out"
	diff "$T/alone.out" "$T/bundle.out"
}

# The filter that crun makes of the profile, for the ABIs that this kernel may not have too.
same_filter() {
	local dir

	for dir in alone bundle; do
		crun_start_bg "$T/$dir" "$dir"
		cp "$T/run/crun/$dir/seccomp.bpf" "$T/$dir.bpf"
		crun_kill "$dir"
	done
	python3 "$TESTS/e2e/profile/filter.py" "$T/alone.bpf" "$T/bundle.bpf" "$TESTS/e2e/profile/calls"
}

named() { # RUNTIME WORD...
	in_container "$1" bundle "probe ${*:2}"
}

@test "podman's profile under crun" {
	podman_profile
	start_daemon
	bundle crun
	works crun
	same_results crun probe 116
	same $'bpf 1\nio_uring 38\nclone ok\nprctl ok\ngetrlimit ok\nsocket ok' "$(named crun bpf io_uring clone prctl getrlimit socket)"
}

@test "podman's profile under crun: the filter of each ABI" {
	podman_profile
	start_daemon
	bundle crun
	same_filter
	# its rules for socket(2) count only without this capability, and touch socketcall(2), which we trap
	without_capability CAP_AUDIT_WRITE
	same_filter
	same $'audit 22\nsocket ok' "$(named crun audit socket)"
}

@test "podman's profile under crun: an i386 program" {
	podman_profile
	start_daemon
	bundle crun
	has_i386
	same_results crun probe32 '81|206'
}

@test "podman's profile under runc" {
	podman_profile
	start_daemon
	bundle runc
	works runc
	same_results runc probe 116
	without_capability CAP_AUDIT_WRITE
	same $'bpf 1\nio_uring 38\naudit 22\nsocket ok' "$(named runc bpf io_uring audit socket)"
}

@test "docker's profile under crun" {
	docker_profile
	start_daemon
	bundle crun
	works crun
	same_results crun probe 116
	same_filter
	same $'bpf 1\nmount 1\nkeyctl 1\nclone ok\nclone-user 1\nunshare-user 1\nio_uring 38' \
		"$(named crun bpf mount keyctl clone clone-user unshare-user io_uring)"
}

@test "docker's profile under crun with CAP_SYS_ADMIN, for which it allows more" {
	docker_profile
	start_daemon
	bundle crun .process.capabilities[]+=[\"CAP_SYS_ADMIN\"]
	works crun
	same_filter
	same $'mount ok\nclone-user ok\nunshare-user ok\nkeyctl 1' "$(named crun mount clone-user unshare-user keyctl)"
}

@test "docker's profile under runc" {
	docker_profile
	start_daemon
	bundle runc
	works runc
	same_results runc probe 116
	same $'bpf 1\nmount 1\nkeyctl 1\nclone ok\nclone-user 1\nunshare-user 1' "$(named runc bpf mount keyctl clone clone-user unshare-user)"
}

@test "a profile that forbids a call of ours leaves it forbidden" {
	start_daemon
	printf '%s' '{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
		"syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}' >"$T/engine.json"
	bundle crun
	same 'mkdir: can'"'"'t create directory '"'/tmp/d'"': Operation not supported
1:2' "$(in_container crun bundle 'cd /tmp; mkdir /tmp/d; touch f; chown 1:2 f; stat -c %u:%g f' 2>&1)"
}

@test "no listenerPath: crun takes the annotation, or nothing" {
	podman_profile
	start_daemon
	"$T/subuidless" profile --merge "$T/engine.json" >"$T/no-path.json"
	same false "$(jq 'has("listenerPath")' "$T/no-path.json")"
	bundle crun
	jq --arg socket "$SOCKET" 'del(.linux.seccomp.listenerPath) | .annotations["run.oci.seccomp.receiver"] = $socket' "$T/bundle/config.json" >"$T/bundle/new.json"
	mv "$T/bundle/new.json" "$T/bundle/config.json"
	works crun
	same "$(jq 'del(.listenerPath)' "$T/merged.json")" "$(jq . "$T/no-path.json")"
}

# podman_run OPTION...: in storage of its own
podman_run() {
	local setup=true

	[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] || setup='mount --bind /dev/null /sys/fs/cgroup/unified/cgroup.controllers'
	as_user env -C "$T" podman unshare sh -c "$setup" 3>&-
	as_user env -C "$T" timeout -k 5 120 podman run --rm --network none --security-opt seccomp="$T/merged.json" "$@" 3>&-
}

for_podman() { # RUNTIME
	command -v podman >/dev/null || skip "podman is not installed"
	podman_profile
	start_daemon
	busybox_rootfs "$T/rootfs"
	"$T/subuidless" profile --merge "$T/engine.json" --listener "$SOCKET" --runtime "$1" >"$T/merged.json"
	as_user mkdir -p "$T/home/.config/containers"
	as_user tee "$T/home/.config/containers/storage.conf" >"$T/tee.out" <<'CONF'
[storage]
driver = "vfs"
CONF
}

@test "podman run with crun" {
	for_podman crun
	run podman_run --runtime crun --cgroups=disabled --rootfs "$T/rootfs" sh -c 'cd /tmp; touch f; chown 42:43 f; stat -c %u:%g f; su alice -c "id -u"'
	as_user env -C "$T" podman system migrate >"$T/migrate.out" 2>&1 || :
	[[ "$output" = *$'42:43\n42' ]] || fail "$output"
}

@test "podman run with runc" {
	for_podman runc
	run podman_run --runtime runc --rootfs "$T/rootfs" sh -c 'cd /tmp; touch f; chown 42:43 f; stat -c %u:%g f; su alice -c "id -u"'
	as_user env -C "$T" podman system migrate >"$T/migrate.out" 2>&1 || :
	[[ "$output" = *$'42:43\n42' ]] || fail "$output"
}
