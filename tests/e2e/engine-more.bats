#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# "subuidless podman" with Debian: a database, and a build whose result is held against that of real root.

bats_require_minimum_version 1.5.0
load engine

# postgres_archive: Debian 12 with PostgreSQL, as $CACHE/postgres.tar, which root makes once
postgres_archive() {
	[ -s "$CACHE/postgres.tar" ] || need_root "make $CACHE/postgres.tar with mmdebstrap"
	mkdir -p "$CACHE"
	once "$CACHE/postgres.tar" make_postgres_archive "$CACHE/postgres.tar"
}

make_postgres_archive() {
	mmdebstrap --quiet --variant=minbase --include=postgresql --format=tar --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$1.new" >"$T/mmdebstrap.log" 2>&1 || {
		cat "$T/mmdebstrap.log"
		fail "mmdebstrap failed"
		return 1
	}
	mv "$1.new" "$1"
}

is_ready() { engine podman logs pg 2>&1 | grep -q 'ready to accept connections'; }
are_ready() { [ "$(engine podman logs pg 2>&1 | grep -c 'ready to accept connections')" = 2 ]; }

@test "PostgreSQL: peer authentication, and its data after a restart" {
	postgres_archive
	install -m 644 "$CACHE/postgres.tar" "$T/postgres.tar"
	# as its own image does: root prepares the directory of the socket, and becomes postgres
	command='install -d -o postgres -g postgres -m 2775 /run/postgresql && exec setpriv --reuid postgres --regid postgres --init-groups'
	command+=' /usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main -c config_file=/etc/postgresql/15/main/postgresql.conf'
	ENGINE_TIMEOUT=600 engine podman import -q --change "CMD [\"sh\", \"-c\", \"$command\"]" "$T/postgres.tar" localhost/pg
	engine podman run -d --name pg --network none -v pgdata:/var/lib/postgresql localhost/pg
	within 120 is_ready
	says $'SELECT 1000\npostgres|1000' podman exec -u postgres pg \
		psql -Atc 'create table t as select generate_series(1, 1000) as n; select current_user, count(*) from t' postgres
	run engine podman exec pg psql -Atc 'select 1' postgres
	[ "$status" != 0 ]
	[[ "$output" = *'role "root" does not exist'* ]]
	says postgres:postgres podman exec pg stat -c %U:%G /var/lib/postgresql/15/main/base
	engine podman stop pg
	engine podman start pg
	within 120 are_ready
	says 1000 podman exec -u postgres pg psql -Atc 'select count(*) from t' postgres
	engine podman rm -f pg
	says '100 102 700' podman run --rm --network none -v pgdata:/mnt localhost/pg stat -c '%u %g %a' /mnt/15/main
}

# list_tree DIR: an archive of it, without what the engine and the test put there, and what they mount
list_tree() {
	tar -C "$1" --one-file-system --xattrs --xattrs-include='*' -c . | "$TESTS/e2e/tarlist.py" - |
		grep -Ev '^/(dev|proc|sys|run|tmp|\.dockerenv|etc/(resolv\.conf|hosts|hostname|mtab))([/ ]|$)'
}

@test "a build with apt-get, useradd, COPY --chown, USER, setcap and two stages: its archive is as that of real root" {
	need_root "do the same natively"
	debian_archive
	install -m 644 "$CACHE/debian.tar" "$T/debian.tar"
	echo note >"$T/work/note"
	cat >"$T/work/steps" <<-'END'
		set -e
		apt-get -qq update
		DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install libcap2-bin cron openssh-server
		useradd -m -u 1234 app
		cp /bin/true /usr/local/bin/capped
		setcap cap_net_bind_service+ep /usr/local/bin/capped
		install -o app -g mail -m 2750 -d /srv/app
		mkdir /srv/dev && mknod -m 640 /srv/dev/loop b 7 3 && chown root:disk /srv/dev/loop && mkfifo /srv/dev/fifo && chown app:app /srv/dev/fifo
		ln -s nowhere /srv/app/link && chown -h app:mail /srv/app/link
	END
	cat >"$T/work/first" <<-'END'
		set -e
		mkdir -p /opt/made/bin && cp /bin/ls /opt/made/bin/tool
		chown -R daemon:adm /opt/made/bin && chmod 6755 /opt/made/bin/tool && chmod 1770 /opt/made/bin
		ln /opt/made/bin/tool /opt/made/hard && ln -s bin/tool /opt/made/soft && chown -h games:games /opt/made/soft
	END
	cat >"$T/work/Containerfile" <<-'END'
		FROM localhost/debian AS first
		COPY first /tmp/first
		RUN sh /tmp/first
		FROM localhost/debian
		COPY steps /tmp/steps
		RUN sh /tmp/steps
		COPY --from=first /opt/made /opt/made
		COPY --chown=app:mail note /srv/app/note
		USER app
		RUN touch /srv/app/mine && getcap /usr/local/bin/capped
	END
	own "$T/work"
	ENGINE_TIMEOUT=300 engine podman import -q "$T/debian.tar" localhost/debian
	ENGINE_TIMEOUT=1200 engine podman build --network host --cap-add mknod -t built . >"$T/work/build.log" 2>&1 || fail "$(tail -n 50 "$T/work/build.log")"
	# as others get it, who have no part in it
	ENGINE_TIMEOUT=300 engine podman save -q --format oci-archive -o "$T/work/built.tar" built
	skopeo copy -q "oci-archive:$T/work/built.tar" "oci:$T/oci:built"
	umoci unpack --image "$T/oci:built" "$T/unpacked"
	list_tree "$T/unpacked/rootfs" >"$T/ours"

	mkdir "$T/native"
	tar -xpf "$T/debian.tar" --numeric-owner --xattrs --xattrs-include='*' -C "$T/native"
	cp "$T/work/steps" "$T/work/first" "$T/native/tmp/"
	cp /etc/resolv.conf "$T/native/etc/resolv.conf"
	unshare -m sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && chroot "$1" sh /tmp/steps && exec chroot "$1" sh /tmp/first' \
		sh "$T/native" >"$T/native.log" 2>&1 || fail "$(tail -n 50 "$T/native.log")"
	# COPY follows no symlink and makes files of hard links
	chroot "$T/native" sh -c 'cp /opt/made/hard /opt/made/new && chown daemon:adm /opt/made/new && chmod 6755 /opt/made/new && mv /opt/made/new /opt/made/hard'
	install -m 644 -o 1234 -g 8 "$T/work/note" "$T/native/srv/app/note"
	chroot --userspec app:app --groups= "$T/native" touch /srv/app/mine
	list_tree "$T/native" >"$T/natively"
	echo "# $(wc -l <"$T/natively") lines, $(grep -c security.capability "$T/natively") with capabilities" >&3
	grep -q '^/srv/dev/loop 4 640 0:6 7:3' "$T/natively"
	diff -u "$T/natively" "$T/ours"
}

@test "a commit that is pushed and pulled elsewhere by real root: owners, devices and modes are there, and nothing of ours" {
	need_root "unpack an image natively"
	command -v docker-registry >/dev/null || skip "docker-registry is not installed"
	box_image
	start_registry
	engine podman run --name c --network none --cap-add mknod localhost/box sh -c 'chown 7:8 /srv/index; chown 0:6 /var/mail; busybox mkdir /new
		cd /new; echo text >file; busybox ln -s to link; busybox mkfifo fifo; busybox mknod null c 1 3
		chown -h 3:4 *; busybox chmod 2750 /home/alice'
	engine podman commit -q c localhost/changed
	engine podman push -q --tls-verify=false localhost/changed "localhost:$port/changed"
	skopeo copy -q --src-tls-verify=false "docker://localhost:$port/changed" "oci:$T/oci:changed"
	umoci unpack --image "$T/oci:changed" "$T/bundle"
	stop_registry
	same '/etc/shadow 0 640 0:42 - -
/home/alice 5 2750 1000:1001 - -
/home/alice/note 0 600 1000:1001 - -
/home/alice/same 0 600 1000:1001 - -
/new 5 755 0:0 - -
/new/fifo 6 644 3:4 - -
/new/file 0 644 3:4 - -
/new/link 2 777 3:4 - to
/new/null 3 644 3:4 1:3 -
/srv 5 750 33:44 - -
/srv/high 0 644 4294967294:65534 - -
/srv/index 0 600 7:8 - -
/srv/set 0 4755 1000:1001 - -
/var/mail 5 2775 0:6 - -' "$(tar -C "$T/bundle/rootfs" --xattrs --xattrs-include='*' -c etc/shadow home/alice new srv var/mail | "$TESTS/e2e/tarlist.py" -)"
}
