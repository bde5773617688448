#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# More of tests/likeroot/mount.bats: in containers of crun, and programs for i386.

load mount/mount

@test "options: i386" { alike options 32 130 embedded; }
@test "options: a container" { alike options 64 130 contained; }
@test "targets: a container" { alike targets 64 40 contained; }
@test "fsconfig: i386" { alike context 32 90 embedded; }
@test "fsconfig: a container" { alike context 64 90 contained; }
@test "terminals: i386" { alike terminal 32 100 embedded; }
@test "terminals: a container" { alike terminal 64 100 contained; }
