# SPDX-License-Identifier: Apache-2.0
# One program a layer, linked with the objects of the pure layers and with memory of a caller that the test lays out.

UNIT_NAMES = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test-*.c))
UNIT_TESTS = $(UNIT_NAMES:%=$(BUILD)/tests/unit/%)
UNIT_SHARED = tests/unit/fake-tmem.c tests/unit/calls.c
UNIT_PURE = $(filter src/base/% src/decode/% src/rule/% src/reply/%,$(SRCS))
# notif.c binds the numbers of the table
UNIT_OBJS = $(patsubst %.c,$(BUILD)/obj/%.o,$(UNIT_PURE) src/base/in_child.c src/seccomp/features.c src/seccomp/notif.c $(UNIT_SHARED)) $(PROTO).o

$(UNIT_TESTS): $(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(UNIT_OBJS)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(OUR_CFLAGS) $(LDFLAGS) -pie -o $@ $^ $(LIBS) -lcmocka

# asks the kernel for i386's structures; where this compiler makes no such code test-statabi says so
$(BUILD)/tests/unit/stat32: tests/unit/stat32.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) -m32 -std=gnu11 -O1 -ffreestanding -fno-pie -fno-stack-protector -static -nostdlib -o $@ $< 2>$@.log || \
		echo "  no 32-bit code: see $@.log"

$(BUILD)/tests/unit/test-statabi: | $(BUILD)/tests/unit/stat32

-include $(UNIT_NAMES:%=$(BUILD)/obj/tests/unit/%.d) $(UNIT_SHARED:%.c=$(BUILD)/obj/%.d)
