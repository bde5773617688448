#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The kernel is the oracle: what difftest prints as real root and what it prints in a container are the same, see
# tests/likeroot/diff/run. That it is able to see bugs, tests/mutants shows.

load diff

@test "x86-64" { alike disk tmpfs+root; }
@test "i386" { alike -m 32 tmpfs; }
@test "subuidless run" { alike -e tmpfs; }
@test "credentials: x86-64" { alike -- ids:1:200 family threads peer mode; }
@test "credentials: i386" { alike -m 32 -- ids:3:100 family threads peer mode; }
@test "credentials: subuidless run" { alike -e -- ids:5:100 family threads peer mode; }
@test "credentials: threads of a Go program" { alike -- go; }
@test "credentials: threads of a Go program for i386" { alike -m 32 -- go; }
@test "new files: x86-64" { alike -- create; }
@test "new files: i386" { alike -m 32 -- create; }
@test "new files: subuidless run" { alike -e -- create; }
@test "new files: where roots may differ" { alike -- create+root; }
@test "devices: x86-64" { alike -- device; }
@test "devices: i386" { alike -m 32 -- device; }
@test "devices: subuidless run" { alike -e -- device; }
@test "kept xattrs: x86-64" { alike -- kept; }
@test "kept xattrs: with CAP_SYS_ADMIN" { alike -- kept+admin; }
@test "kept xattrs: i386" { alike -m 32 -- kept+admin; }
@test "random calls on files: x86-64" { alike -- files:1:20; }
@test "random calls on files: i386" { alike -m 32 -- files:101:15; }
@test "random calls on files: subuidless run" { alike -e -- files:301:15; }
