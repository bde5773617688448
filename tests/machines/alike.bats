# SPDX-License-Identifier: Apache-2.0
# Some of tests/likeroot/diff.bats, for machines that are slow: the transcript of real root and that of a container, with the same kernel.

load ../likeroot/diff.bash

# of one container
export DIFF_TIMEOUT=1200

@test "alike: x86-64" { alike -c sequence/ disk; }
@test "alike: i386" { alike -m 32 -c ids/ tmpfs; }
@test "alike: credentials" { alike -- ids:1:20 family threads peer mode; }
@test "alike: new files" { alike -- create; }
@test "alike: subuidless run" { alike -e -- files:301:4; }
