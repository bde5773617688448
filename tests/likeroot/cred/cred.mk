# SPDX-License-Identifier: Apache-2.0
# The rules of src/rule/cred.c against the kernel's own; the processes that live by these are static, and quick to start.

CRED_ORACLE = $(BUILD)/tests/likeroot/cred/oracle
CRED_SRCS = $(addprefix tests/likeroot/cred/,oracle.c model.c files.c reach.c random.c)
CRED_OBJS = $(CRED_SRCS:%.c=$(BUILD)/obj/%.o)

$(CRED_ORACLE): $(CRED_OBJS) $(BUILD)/obj/src/rule/cred.o $(CRED_ORACLE).subject
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CFLAGS) $(OUR_CFLAGS) $(LDFLAGS) -pie -o $@ $(filter %.o,$^)

$(CRED_ORACLE).subject: tests/likeroot/cred/subject.c tests/likeroot/cred/script.h $(BUILD)/settings
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(OUR_CPPFLAGS) -std=gnu11 -O2 -g $(WARNINGS) -static -o $@ $<

-include $(CRED_OBJS:.o=.d)
