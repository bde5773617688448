# SPDX-License-Identifier: Apache-2.0
# Tests of the layers that make system calls, linked with all of the daemon but its command line.

INTEGRATION_TESTS = $(patsubst tests/integration/%.c,$(BUILD)/tests/integration/%,$(wildcard tests/integration/test-*.c))
INTEGRATION_OBJS = $(filter-out $(BUILD)/obj/src/cli/%,$(OBJS))

$(INTEGRATION_TESTS): $(BUILD)/tests/integration/%: $(BUILD)/obj/tests/integration/%.o $(INTEGRATION_OBJS)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(OUR_CFLAGS) $(LDFLAGS) -pie -o $@ $^ $(LIBS) -lcmocka

INTEGRATION_ALSO_test-journal = $(BUILD)/obj/tests/integration/daemons.o
INTEGRATION_ALSO_test-records-file = $(BUILD)/obj/tests/integration/daemons.o
$(BUILD)/tests/integration/test-journal: $(INTEGRATION_ALSO_test-journal)
$(BUILD)/tests/integration/test-records-file: $(INTEGRATION_ALSO_test-records-file)

-include $(BUILD)/obj/tests/integration/daemons.d
-include $(INTEGRATION_TESTS:$(BUILD)/%=$(BUILD)/obj/%.d)
