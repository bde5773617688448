# SPDX-License-Identifier: Apache-2.0
# make bench [QUICK=1] [BENCH=ROW,...] [WITH=COLUMN,...] [DISK=1]: see tests/bench/bench.sh

BENCH_PROGRAMS = $(addprefix $(BUILD)/tests/bench/,null measure parts neighbour true-static true-dynamic)

# it installs what is missing first; as an ordinary user it says what that is
bench:
	@ci/deps.sh bench
	@$(MAKE) all $(BENCH_PROGRAMS)
	@QUICK='$(QUICK)' BENCH='$(BENCH)' WITH='$(WITH)' DISK='$(DISK)' tests/bench/bench.sh

$(BUILD)/tests/bench/null $(BUILD)/tests/bench/parts: $(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o $(INTEGRATION_OBJS)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(OUR_CFLAGS) $(LDFLAGS) -pie -o $@ $^ $(LIBS)

$(BUILD)/tests/bench/measure: $(BUILD)/obj/tests/bench/measure.o
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(OUR_CFLAGS) $(LDFLAGS) -pie -o $@ $^

$(BUILD)/tests/bench/true-static: tests/bench/true.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) -static -o $@ $<

$(BUILD)/tests/bench/neighbour: tests/bench/neighbour.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(OUR_CFLAGS) -D_GNU_SOURCE -static -no-pie -fno-pie -o $@ $<

$(BUILD)/tests/bench/true-dynamic: tests/bench/true.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) -o $@ $<

-include $(wildcard $(BUILD)/obj/tests/bench/*.d)

.PHONY: bench
