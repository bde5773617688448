# SPDX-License-Identifier: Apache-2.0
# make check-machines [KERNEL='5.10 6.1 6.12 newest'] [TESTS='FILE...']: tests in machines with other kernels, one after the other; what they
# found goes to docs/kernels.md by make kernels-table. See tests/machines/run.sh.

KERNELS = 5.10 6.1 6.12 newest
KERNEL = $(KERNELS)
MACHINES_RUNS = $(KERNELS:%="tests/machines/run.sh %")

# it installs what is missing first; as an ordinary user it says what that is
check-machines: export CI := 1
check-machines: export TEST_TIMEOUT := 7200
check-machines:
	@ci/deps.sh
	@ci/deps.sh machines
	@$(MAKE) machines-programs
	@MACHINE_TESTS='$(TESTS)' TEST_JOBS=1 tests/run.sh $(KERNEL:%="tests/machines/run.sh %")

# what the tests compile themselves, where that takes an emulated machine minutes
machines-programs: all check-programs
	@$(MAKE) STATIC=1 BUILD=$(BUILD)/machines/static BIN=$(BUILD)/machines/subuidless-static
	@tests/machines/compile.sh

kernels-table:
	@tests/machines/table.py write $(KERNELS)

.PHONY: check-machines machines-programs kernels-table
