# SPDX-License-Identifier: Apache-2.0
# Tests of the layers that make system calls, linked with all of the daemon but its command line.

EDGE_TESTS = $(patsubst tests/edge/%.c,$(BUILD)/tests/edge/%,$(wildcard tests/edge/test-*.c))
EDGE_OBJS = $(filter-out $(BUILD)/obj/src/cli/%,$(OBJS))

$(EDGE_TESTS): $(BUILD)/tests/edge/%: $(BUILD)/obj/tests/edge/%.o $(EDGE_OBJS)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(OUR_CFLAGS) $(LDFLAGS) -pie -o $@ $^ $(LIBS) -lcmocka

-include $(EDGE_TESTS:$(BUILD)/%=$(BUILD)/obj/%.d)
