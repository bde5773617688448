#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dockerd and containerd of Debian as an ordinary user without subuids, within "subuidless run", as docs/runtimes.md has it: images with owners, devpts with
# gid=5, tmpfs with ids, terminals, other users.

bats_require_minimum_version 1.5.0
load ../lib

setup() {
	local program

	# in front of what else may be called so
	PATH=/usr/bin:/usr/sbin:/bin:/sbin
	for program in dockerd docker containerd ctr runc crun; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
	# longer paths are none for their sockets
	TMPDIR=/tmp lib_setup
	make_image "$T/home"
}

# make_image DIR: DIR/layer.tar and DIR/image.tar, the image "box", which has files of several owners
make_image() (
	set -e
	cd "$1"
	mkdir -p root/bin root/tmp root/dev root/proc root/sys root/etc
	chmod 1777 root/tmp
	cp /bin/busybox root/bin/
	for name in sh ls stat chown id touch tty true mkdir sleep; do ln -s busybox "root/bin/$name"; done
	echo 7 >root/f
	python3 - root layer.tar <<-'EOF'
		import sys, tarfile
		ids = {'./f': (7, 8), './etc': (42, 43)}
		def owner(entry):
		    entry.uid, entry.gid = ids.get('./' + entry.name.lstrip('./'), (0, 0))
		    return entry
		with tarfile.open(sys.argv[2], 'w') as tar:
		    tar.add(sys.argv[1], '.', filter=owner)
	EOF
	digest=$(sha256sum <layer.tar | cut -d ' ' -f 1)
	cat >config.json <<-EOF
		{"architecture": "amd64", "os": "linux", "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"]},
		 "rootfs": {"type": "layers", "diff_ids": ["sha256:$digest"]}}
	EOF
	echo '[{"Config": "config.json", "RepoTags": ["box:latest"], "Layers": ["layer.tar"]}]' >manifest.json
	tar -cf image.tar manifest.json config.json layer.tar
	rm -r root
	own .
)

# $output as a terminal has it, with the echo of what script(1) has read
plain() { tr -d '\r' <<<"$output" | sed 's/^^@//'; }

# served SCRIPT: by sh within "subuidless run"
served() { as_user env -C "$T/home" timeout -k 5 240 "$T/subuidless" run sh -ec "$1" 2>"$T/err" 3>&- || fail "$(cat "$T/err"; tail -n 5 "$T/home/log")"; }

with_docker='
	mount -t tmpfs none /run
	cat >docker.json <<-EOF
		{"hosts": ["unix://$HOME/docker.sock"], "data-root": "$HOME/docker", "rootless": true, "deprecated-key-path": "$HOME/docker-key.json",
		 "bridge": "none", "iptables": false, "ip6tables": false, "ip-forward": false}
	EOF
	dockerd --config-file "$HOME/docker.json" >log 2>&1 &
	dockerd=$!
	trap "kill \$dockerd; wait \$dockerd" EXIT
	export DOCKER_HOST=unix://$HOME/docker.sock
	for i in $(seq 300); do [ ! -S docker.sock ] || break; sleep 0.1; done
	docker load -qi image.tar'

@test "docker: load, run, exec as another user, terminals, tmpfs with ids, build, export" {
	run served "$with_docker"'
		docker run -d --name box --network none --tmpfs /t:uid=5,gid=6,mode=1770 box sleep 1000 >/dev/null
		docker exec box stat -c "%n %u:%g %a" /f /etc /t /dev/shm
		docker exec box sh -c "touch /n; chown 42:43 /n; stat -c %u:%g /n"
		docker exec -u 999:998 box sh -c "id; touch /tmp/u; stat -c %u:%g /tmp/u"
		script -qec "docker exec -t box sh -c \"stat -c %u:%g:%a \\\$(tty)\"" /dev/null
		script -qec "docker exec -t -u 999:998 box sh -c \"stat -c %u:%g:%a \\\$(tty)\"" /dev/null
		docker rm -f box >/dev/null
		mkdir -p build
		printf "%s\n" "FROM box" "COPY --chown=5:6 Dockerfile /c" "RUN mkdir /d && chown 1000:1001 /d" "USER 1000:1001" "RUN touch /d/u" >build/Dockerfile
		docker build -q --network none -t built build >/dev/null
		docker create --name built built >/dev/null
		docker export built | tar -tv --numeric-owner | sed -nE "s/^(.{10}) ([0-9/]+) .* (c|d\/|d\/u|etc\/|f)\$/\1 \2 \3/p"'
	[ "$status" = 0 ] || fail "$output"
	same "$(plain)" 'Loaded image: box:latest
/f 7:8 644
/etc 42:43 755
/t 5:6 1770
/dev/shm 0:0 1777
42:43
uid=999 gid=998
999:998
0:5:620
999:5:620
-rw-r--r-- 5/6 c
drwxr-xr-x 1000/1001 d/
-rw-r--r-- 1000/1001 d/u
drwxr-xr-x 42/43 etc/
-rw-r--r-- 7/8 f'
}

with_containerd='
	mount -t tmpfs none /run
	printf "%s\n" "version = 2" "root = \"$HOME/containerd\"" "state = \"/run/containerd\"" "[grpc]" "address = \"$HOME/c.sock\"" \
		"[plugins.\"io.containerd.internal.v1.opt\"]" "path = \"$HOME/opt\"" >config.toml
	containerd -c config.toml >log 2>&1 &
	containerd=$!
	trap "kill \$containerd; wait \$containerd" EXIT
	export CONTAINERD_ADDRESS=$HOME/c.sock
	for i in $(seq 300); do [ ! -S c.sock ] || break; sleep 0.1; done
	ctr image import image.tar >/dev/null
	box=docker.io/library/box:latest'

in_containerd='stat -c "%n %u:%g %a" /f /etc /dev/shm; touch /n; chown 42:43 /n; stat -c %u:%g /n; stat -c %u:%g:%a $(tty)'

@test "containerd and runc: the devpts of its default configuration" {
	run -0 served "$with_containerd
		script -qec 'ctr run --rm -t --cgroup \"\" --cpu-shares 0 '\$box' c sh -c '\\''$in_containerd'\\' /dev/null"
	same "$(plain)" '/f 7:8 644
/etc 42:43 755
/dev/shm 0:0 1777
42:43
0:5:620'
}

@test "containerd and crun: the devpts of its default configuration" {
	run -0 served "mount -t tmpfs none /sys/fs/cgroup
		$with_containerd
		script -qec 'ctr run --rm -t --runc-binary crun --cgroup \"\" '\$box' c sh -c '\\''$in_containerd'\\' /dev/null"
	same "$(plain)" '/f 7:8 644
/etc 42:43 755
/dev/shm 0:0 1777
42:43
0:5:620'
}
