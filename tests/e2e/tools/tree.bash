# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For tools.bats: a tree of every type, by root of one kind or another in the directory it starts in, and all that there is to know of a tree.
set -eu
umask 022
export LC_ALL=C TZ=UTC HOME="$PWD" GIT_CONFIG_NOSYSTEM=1

# Ends at a time that files can be set to.
make_tree() {
	mkdir -p src/dir/sub src/sgid src/sticky src/acl src/secret
	for f in root user group nobody setuid caps trusted hard xattr; do
		echo "$f" >"src/$f"
	done
	mknod src/null c 1 3
	mknod src/disk b 259 70000
	mkfifo src/fifo
	ln -s nowhere src/link
	ln -s dir src/dirlink
	ln src/hard src/dir/hard
	chown 1000:100 src/user src/dir
	chown 0:42 src/group src/sgid
	chown 65534:65534 src/nobody
	chown 33:33 src/setuid src/sticky src/fifo src/hard
	chown 0:6 src/disk
	chown -h 7:8 src/link
	chmod 4755 src/setuid
	chmod 2775 src/sgid
	chmod 1777 src/sticky
	chmod 0700 src/secret
	chmod 0666 src/null
	chmod 0660 src/disk
	setfattr -n user.note -v text src/xattr
	setfattr -n trusted.note -v 'not for all' src/trusted
	setfattr -n security.note -v label src/trusted
	setfacl -m u:42:rw,g:60:x,m:rwx src/user src/dir
	setfacl -m u:1000:r src/setuid
	setfacl -d -m u:42:rwx,g:60:rx src/acl
	setcap cap_net_bind_service+ep src/caps
	# these inherit
	echo in >src/acl/in
	mkdir src/acl/deeper
	echo in >src/sgid/in
	find src -exec touch -h -d '2001-02-03 04:05:06.123456789' {} +
}

# facts DIR [FORMAT]: of each object in it
facts() (
	cd "$1"
	find . -printf "${2-%p %y %m %U:%G %n %T@ %l}\n" | sort
	find . ! -type d -exec stat -c '%n %F %s %t:%T' {} + | sort
	find . -type f -links +1 -printf '%i %p\n' | sort | awk '{ print $2, first[$1] ? "is " first[$1] : ""; if (!first[$1]) first[$1] = $2 }'
	find . ! -type l | sort | xargs getfacl -np
	find . | sort | xargs getfattr -h -d -m - -e hex
	find . -type f | sort | xargs getcap
)
