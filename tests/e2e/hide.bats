#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Inside, the xattr in which owners are kept does not exist, and other xattrs are not disturbed.

load ../lib

setup() {
	lib_setup
	start_daemon
	debian_rootfs "$T/rootfs"
	make_bundle "$T/bundle" "$T/rootfs"
}

# list PATH: checks what the list calls say of it for buffers of all sizes, and prints the names
build_list() {
	cat >"$T/list.c" <<-'END'
		#include <errno.h>
		#include <fcntl.h>
		#include <stdio.h>
		#include <string.h>
		#include <sys/xattr.h>

		static const char *path;
		static int fd, which;

		static ssize_t list(char *buffer, size_t size)
		{
			return which == 0 ? listxattr(path, buffer, size) : which == 1 ? llistxattr(path, buffer, size) :
				flistxattr(fd, buffer, size);
		}

		#define CHECK(what) do { if (!(what)) { printf("call %d: %s, errno %d\n", which, #what, errno); return 1; } } while (0)

		int main(int argc, char **argv)
		{
			static char names[65536], other[65537];
			ssize_t n = 0;

			path = argv[argc - 1];
			fd = open(path, O_RDONLY);
			for (which = 0; which < 3; which++) {
				ssize_t need = list(NULL, 0);

				n = list(names, sizeof(names));
				CHECK(n >= 0);
				CHECK(need == n);
				CHECK(list((char *)1, 0) == n);
				for (ssize_t size = 1; size <= n + 2; size++) {
					memset(other, 'x', sizeof(other));
					errno = 0;
					if (size < n) {
						CHECK(list(other, size) == -1 && errno == ERANGE);
						CHECK(other[size] == 'x');
					} else {
						CHECK(list(other, size) == n);
						CHECK(memcmp(names, other, n) == 0 && other[n] == 'x');
					}
				}
				if (n > 0)
					CHECK(list((char *)1, 4096) == -1 && errno == EFAULT);
				CHECK(list(other, (size_t)-1) == n);
			}
			for (char *p = names; p < names + n; p += strlen(p) + 1)
				puts(p);
			puts("consistent");
			return 0;
		}
	END
	cc -static -O1 -Wall -o "$T/rootfs/list" "$T/list.c"
	own "$T/rootfs/list"
}

# on_host PATH: the xattrs that a file has outside
on_host() { as_user unshare -r getfattr --absolute-names -d -m - "$T/rootfs$1" | grep = || :; }

@test "it is not listed, for owners that were set here or before" {
	as_user touch "$T/rootfs/before"
	as_user setfattr -n user.rootlesscontainers -v 0x082a102a "$T/rootfs/before"
	run crun_sh "$T/bundle" c 'touch f both; mkdir d; chown 42:42 f both d; setfattr -n user.other -v x both
		stat -c %u before; getfattr -d -m - before f d both'
	same '42
# file: both
user.other="x"' "$output"
	for file in /before /f /d /both; do
		[[ "$(on_host "$file")" = *user.rootlesscontainers=* ]]
	done
}

@test "reading it gives ENODATA" {
	run crun_sh "$T/bundle" c 'touch f plain; mkdir d; chown 42:42 f d; for x in f d plain; do
		getfattr -n user.rootlesscontainers $x; getfattr -h -n user.rootlesscontainers $x; done'
	[ "$status" != 0 ]
	same 'f: user.rootlesscontainers: No such attribute
f: user.rootlesscontainers: No such attribute
d: user.rootlesscontainers: No such attribute
d: user.rootlesscontainers: No such attribute
plain: user.rootlesscontainers: No such attribute
plain: user.rootlesscontainers: No such attribute' "$output"
}

@test "setting and removing it is refused and changes nothing" {
	run crun_sh "$T/bundle" c 'touch f plain; mkdir d; chown 42:43 f d; for x in f d plain; do
		setfattr -n user.rootlesscontainers -v 0x08011001 $x; setfattr -h -n user.rootlesscontainers -v 0x08011001 $x
		setfattr -x user.rootlesscontainers $x; setfattr -h -x user.rootlesscontainers $x; stat -c %u:%g $x; done'
	refused='setfattr: X: Operation not permitted
setfattr: X: Operation not permitted
setfattr: X: No such attribute
setfattr: X: No such attribute'
	same "${refused//X/f}
42:43
${refused//X/d}
42:43
${refused//X/plain}
0:0" "$output"
	same "" "$(on_host /plain)"
}

@test "the sizes of lists agree" {
	build_list
	run crun_sh "$T/bundle" c 'touch none ours other both many; chown 42:42 ours both many
		setfattr -n user.a -v 1 other; setfattr -n user.a -v 1 both
		for i in 1 2 3 4 5 6 7 8 9; do setfattr -n user.rootlesscontainer$i -v 1 many; done
		setfattr -n user.rootlesscontainersx -v 1 many
		for f in none ours other both; do echo $f; ./list $f; done; ./list many | sort; ./list /tmp'
	same 'none
consistent
ours
consistent
other
user.a
consistent
both
user.a
consistent
consistent
user.rootlesscontainer1
user.rootlesscontainer2
user.rootlesscontainer3
user.rootlesscontainer4
user.rootlesscontainer5
user.rootlesscontainer6
user.rootlesscontainer7
user.rootlesscontainer8
user.rootlesscontainer9
user.rootlesscontainersx
consistent' "$output"
}

@test "other xattrs are the kernel's" {
	run crun_sh "$T/bundle" c 'touch f; chown 42:42 f
		setfattr -n user.a -v hello f && getfattr --only-values -n user.a f && echo
		setfattr -x user.a f; getfattr -n user.a f
		setfattr -n nonsense.a -v x f
		for n in user.rootlesscontainersx user.rootlesscontainer USER.rootlesscontainers; do
			setfattr -n $n -v y f && getfattr --only-values -n $n f && echo " $n"
		done
		stat -c %u:%g f'
	same 'hello
f: user.a: No such attribute
setfattr: f: Operation not supported
y user.rootlesscontainersx
y user.rootlesscontainer
setfattr: f: Operation not supported
42:42' "$output"
}

@test "cp --preserve=all and tar --xattrs take neither more nor less" {
	run crun_sh "$T/bundle" c 'touch f; chown 42:43 f; setfattr -n user.a -v 1 f; mkdir out
		cp --preserve=all f copy; stat -c %u:%g copy; getfattr -d copy | grep =
		tar -c --xattrs f | tar -x --xattrs -C out; stat -c %u:%g out/f; getfattr -d out/f | grep ='
	same '42:43
user.a="1"
42:43
user.a="1"' "$output"
}
