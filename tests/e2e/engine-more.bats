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

# What a tree is like, but for what the engine and the test put there, and what they mount.
LIST_TREE='find / -xdev ! -path / ! -path /proc ! -path /sys ! -path "/proc/*" ! -path "/sys/*" ! -path "/dev/*" ! -path "/run/*" ! -path "/tmp/*" ! -path /.dockerenv ! -path "/etc/resolv.conf" \
	! -path "/etc/hosts" ! -path "/etc/hostname" ! -path "/etc/mtab" -printf "%p %y %m %U %G %l\n" | LC_ALL=C sort; getcap -r /usr 2>/dev/null | LC_ALL=C sort'

@test "a build with apt-get, useradd, COPY --chown, USER and setcap: as by real root in a chroot" {
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
	END
	cat >"$T/work/Containerfile" <<-'END'
		FROM localhost/debian
		COPY steps /tmp/steps
		RUN sh /tmp/steps
		COPY --chown=app:mail note /srv/app/note
		USER app
		RUN touch /srv/app/mine && getcap /usr/local/bin/capped
	END
	own "$T/work"
	ENGINE_TIMEOUT=300 engine podman import -q "$T/debian.tar" localhost/debian
	ENGINE_TIMEOUT=1200 engine podman build --network host -t built . >"$T/work/build.log" 2>&1 || fail "$(tail -n 50 "$T/work/build.log")"
	engine podman run --rm -u root --network none built sh -c "$LIST_TREE" >"$T/work/ours" 2>"$T/work/stderr"

	mkdir "$T/native"
	tar -xpf "$T/debian.tar" --numeric-owner --xattrs --xattrs-include='*' -C "$T/native"
	cp "$T/work/steps" "$T/native/tmp/steps"
	cp /etc/resolv.conf "$T/native/etc/resolv.conf"
	unshare -m sh -c 'mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && exec chroot "$1" sh /tmp/steps' sh "$T/native" \
		>"$T/native.log" 2>&1 || fail "$(tail -n 50 "$T/native.log")"
	install -m 644 -o 1234 -g 8 "$T/work/note" "$T/native/srv/app/note"
	chroot --userspec app:app --groups= "$T/native" touch /srv/app/mine
	chroot "$T/native" sh -c "$LIST_TREE" >"$T/work/natively"
	echo "# $(wc -l <"$T/work/natively") lines" >&3
	diff -u "$T/work/natively" "$T/work/ours"
}
