#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The rest of diff.bats, for make check-all: more of it, in other surroundings, and whether real root is like itself. See there.

load diff

@test "two native transcripts are alike" {
	alike -t
	alike -t -m 32 tmpfs
}
@test "in the host's pid namespace, with its /proc" { alike -h; }
@test "through the host's /proc, mounted somewhere else" { alike -b; }
@test "subuidless run in the host's pid namespace" { alike -e -h tmpfs; }
@test "x86-64: on a tmpfs" { alike tmpfs; }
@test "i386: on a disk, and in another root" { alike -m 32 disk tmpfs+root; }
@test "subuidless run: on a disk, and in another root" { alike -e disk tmpfs+root; }
@test "credentials: two native transcripts are alike" { alike -t -- ids:1:300 family threads peer mode; }
@test "credentials: more sequences" { alike -- ids:2:300 ids:6:300; }
@test "credentials: more sequences, i386" { alike -m 32 -- ids:7:300; }
@test "credentials: in the host's pid namespace" { alike -h -- ids:4:100 family threads peer mode; }
@test "new files: two native transcripts are alike" { alike -t -- create; }
@test "new files: in the host's pid namespace" { alike -h -- create; }
@test "devices: two native transcripts are alike" { alike -t -- device; }
@test "devices: through the host's /proc, in its pid namespace" { alike -h -b -- device; }
@test "kept xattrs: two native transcripts are alike" { alike -t -- kept+admin; }
@test "kept xattrs: subuidless run" { alike -e -- kept+admin; }
@test "kept xattrs: in the host's pid namespace" { alike -h -- kept+admin; }
@test "random calls on files: two native transcripts are alike" { alike -t -- files:1:10; }
@test "random calls on files: more of them" { alike -- files:401:60; }
@test "random calls on files: more of them, i386" { alike -m 32 -- files:501:30; }
@test "random calls on files: in the host's pid namespace" { alike -h -- files:201:20; }
