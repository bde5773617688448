#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Tools that copy, pack and unpack owners, modes, devices, xattrs and ACLs: real root is told the same of what they made as root of a container is.

load ../lib

setup() {
	lib_setup
	need_root "say what is right"
	mkdir "$T/native"
	as_user mkdir "$T/single"
	as_user sh -c "cd $T/single && mkdir home"
}

# alike SCRIPT: run by bash beside what tests/e2e/tools/tree.bash has, it prints the same for both
alike() {
	local script=". $TESTS/e2e/tools/tree.bash; $1"

	(cd "$T/native" && timeout 120 bash -c "$script") >"$T/native.out" 2>&1 || fail "as real root: $(cat "$T/native.out")"
	as_user sh -c 'cd "$1" && exec timeout 120 "$2" run -- bash -c "$3"' sh "$T/single" "$T/subuidless" "$script" >"$T/single.out" 2>&1 ||
		fail "in a container: $(tail -n 20 "$T/single.out")"
	[ "$(wc -l <"$T/native.out")" -ge 5 ] || fail "it says too little: $(cat "$T/native.out")"
	same "$(cat "$T/native.out")" "$(cat "$T/single.out")"
}

@test "a tree of every type, with xattrs and ACLs" { alike 'make_tree; facts src'; }
@test "what ls, stat and getfacl print" { alike 'make_tree; ls -lAnR --time-style=+%s src | grep -v ^total; stat -c "%A %U:%G %h %t,%T %n" src/*; getfacl -R src; getcap -r src'; }
@test "cp -a" { alike 'make_tree; cp -a src dst; facts dst'; }
@test "cp -a onto what is there, and mv" { alike 'make_tree; mkdir -p dst/dir; touch dst/user; chown 5:5 dst/user; cp -a src/. dst; mv dst moved; facts moved'; }
@test "rsync -aHAX" { alike 'make_tree; rsync -aHAX src/ dst; facts dst; rsync -aHAXn --itemize-changes src/ dst; setfacl -b src/user; chown 3:3 src/nobody; rsync -aHAX --delete src/ dst; facts dst'; }
@test "tar --xattrs --acls, out and in" {
	alike 'make_tree; tar --xattrs "--xattrs-include=*" --acls --numeric-owner -cf a.tar src; tar --numeric-owner --full-time -tvf a.tar
		mkdir dst; tar --xattrs "--xattrs-include=*" --acls --numeric-owner -xpf a.tar -C dst; facts dst/src'
}
@test "an archive is the same byte for byte" {
	alike 'make_tree; rm src/trusted src/caps; touch -d @1000000000 src; tar --numeric-owner --sort=name --format=gnu -cf a.tar src; tar -tf a.tar; sha256sum a.tar'
}
@test "cpio" { alike 'make_tree; (cd src && find . | sort | cpio -o -H newc --quiet) >a.cpio; cpio -itvn --quiet <a.cpio | sed "s/ [0-9]* links//"; mkdir dst; cd dst; cpio -idm --quiet <../a.cpio; cd ..; facts dst "%p %y %m %U:%G %n %l"'; }
@test "mksquashfs and unsquashfs" {
	alike 'make_tree; mksquashfs src a.sqfs -quiet -no-progress -all-time 1000000000 >/dev/null 2>&1; unsquashfs -lln a.sqfs
		unsquashfs -q -n -d dst a.sqfs >/dev/null; facts dst "%p %y %m %U:%G %l"'
}
@test "install, chown --from, chown -R, chgrp, chmod --reference" {
	alike 'make_tree; install -d -o 5 -g 6 -m 2750 a; install -o 7 -g 8 -m 6711 src/root a/b; chown -R --from=33:33 44:45 src; chgrp -R 46 src/dir; chown -h 9 src/dirlink
		chmod --reference=src/setuid src/root; chown --reference=src/user src/group; chmod -R g+s,o-r src/dir; facts src; facts a "%p %m %U:%G"'
}
@test "dpkg -i of a package with owners, modes, overrides and scripts" {
	alike 'mkdir -p pkg/DEBIAN pkg/usr/bin pkg/var/spool/thing pkg/etc; echo 1 >pkg/usr/bin/thing; echo conf >pkg/etc/thing
		chown 0:42 pkg/usr/bin/thing; chmod 2755 pkg/usr/bin/thing; chown 7:7 pkg/var/spool/thing; chmod 1730 pkg/var/spool/thing; chmod 600 pkg/etc/thing
		printf "Package: thing\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: thing\n" >pkg/DEBIAN/control
		echo /etc/thing >pkg/DEBIAN/conffiles
		printf "#!/bin/sh\nset -e\nchown 33:33 \$DPKG_ROOT/var/spool/thing\nmkdir \$DPKG_ROOT/var/lib/thing\nchown 44:0 \$DPKG_ROOT/var/lib/thing\n" >pkg/DEBIAN/postinst
		chmod 755 pkg/DEBIAN/postinst
		dpkg-deb -Zgzip -b pkg thing.deb >/dev/null; dpkg-deb -c thing.deb | sed "s/ 20.*:.. / /"
		mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates; : >root/var/lib/dpkg/status
		printf "#0 #8 0640 /etc/thing\n" >root/var/lib/dpkg/statoverride
		dpkg --root="$PWD/root" --force-script-chrootless --force-depends -i thing.deb >/dev/null 2>&1
		dpkg --root="$PWD/root" -s thing | grep Status
		find root/etc root/usr root/var/spool root/var/lib/thing -printf "%p %y %m %U:%G\n" | sort; dpkg --root="$PWD/root" --force-script-chrootless -P thing >/dev/null 2>&1; find root/usr root/etc root/var/spool | sort'
}
@test "git clone as a user" {
	alike 'chmod 755 .; mkdir work; chown 1000:1000 work; setpriv --reuid 1000 --regid 1000 --clear-groups env HOME="$PWD/work" sh -ec "
			cd work; git init -q -b main one; cd one; echo text >file; echo sh >run; chmod 755 run; ln -s file link
			git add .; git -c user.name=n -c user.email=e commit -q -m first; cd ..; git clone -q one two; git -C two log --format=%s; git -C two status --short"
		find work -path "*/.git/*" -prune -o -printf "%p %y %m %U:%G\n" | sort; find work ! -user 1000 -o ! -group 1000
		git -C work/two log --format=%s 2>&1 | grep -o "dubious ownership" | head -n 1; git -c safe.directory="*" -C work/two log --format=%s'
}
@test "useradd -m, in a root of its own" {
	alike 'mkdir -p root/etc/skel root/home root/var/mail; echo hello >root/etc/skel/.profile; echo root:x:0:0::/root:/bin/sh >root/etc/passwd; echo root:x:0: >root/etc/group
		echo "root:*:::::::" >root/etc/shadow; chmod 640 root/etc/shadow; chown 0:42 root/etc/shadow
		useradd -P "$PWD/root" -m -u 1234 -U -s /bin/sh someone; facts root/home "%p %y %m %U:%G"; find root/etc -type f ! -name "*-" -printf "%p %m %U:%G\n" | sort; cut -d: -f 1,3,4 root/etc/passwd'
}

@test "a difference would be seen" {
	run alike 'make_tree; [ "${PWD##*/}" = native ] || chown 1:1 src/nobody; facts src'
	echo "$output"
	[ "$status" = 1 ]
	[[ "$output" = *"-./nobody f 644 65534:65534"*"+./nobody f 644 1:1"* ]]
}

@test "what was kept stays with another daemon" {
	alike 'make_tree; facts src'
	as_user sh -c 'cd "$1" && exec timeout 120 "$2" run -- bash -c "$3"' sh "$T/single" "$T/subuidless" ". $TESTS/e2e/tools/tree.bash; facts src" >"$T/again.out" 2>&1
	same "$(cat "$T/native.out")" "$(cat "$T/again.out")"
}
