# SPDX-License-Identifier: Apache-2.0
# make mutant-daemon | mutant-oracle | mutant-integration PROGRAM= | mutant-fuzz TARGET= [BLIND=yes], each with MUTANT=DIR and MUTANT_FILE=FILE: only DIR/FILE, which has
# a bug, is compiled; see catch/lib.bash. The warnings that it makes are as intended as the bug.

# what they are linked with
mutants-base: $(OBJS) $(CRED_ORACLE) $(INTEGRATION_TESTS) fuzz-libfuzzer $(FUZZ_TARGETS:%=fuzz-blind-own-%)

ifneq ($(MUTANT),)
mutant_without = $(patsubst %.c,$1/%.o,$(filter-out $(MUTANT_FILE),$2))
mutant_cc = $(CC) $(CPPFLAGS) $(OUR_CPPFLAGS) $(CFLAGS) $(OUR_CFLAGS) -w $(LDFLAGS)

mutant-daemon:
	$(if $(filter $(MUTANT_FILE),$(SRCS)),,$(error $(MUTANT_FILE) is no source of the daemon))
	$(mutant_cc) $(OUR_LDFLAGS) -o $(MUTANT)/subuidless $(MUTANT)/$(MUTANT_FILE) $(call mutant_without,$(BUILD)/obj,$(SRCS)) $(PROTO).o $(LIBS)

mutant-oracle:
	$(if $(filter src/rule/cred.c,$(MUTANT_FILE)),,$(error the oracle is about src/rule/cred.c))
	$(mutant_cc) -pie -o $(MUTANT)/oracle $(MUTANT)/$(MUTANT_FILE) $(CRED_OBJS)
	cp $(CRED_ORACLE).subject $(MUTANT)/oracle.subject

mutant-integration:
	$(mutant_cc) -pie -o $(MUTANT)/$(PROGRAM) $(MUTANT)/$(MUTANT_FILE) $(filter-out $(BUILD)/obj/$(MUTANT_FILE:.c=.o),$(INTEGRATION_OBJS)) \
		$(BUILD)/obj/tests/integration/$(PROGRAM).o $(INTEGRATION_ALSO_$(PROGRAM)) $(LIBS) -lcmocka

mutant-fuzz:
	$(if $(filter $(MUTANT_FILE),$(FUZZ_SRCS_$(TARGET))),,$(error $(MUTANT_FILE) is not linked into the target $(TARGET)))
	$(FUZZ_CC_libfuzzer) -w $(LDFLAGS) -o $(MUTANT)/fuzz$(if $(BLIND),-blind) $(MUTANT)/$(MUTANT_FILE) \
		$(call mutant_without,$(BUILD)/fuzz/libfuzzer,$(filter-out $(if $(BLIND),fuzz/%),$(call fuzz_srcs,libfuzzer,$(TARGET)))) \
		$(if $(BLIND),$(call fuzz_blind_own,$(TARGET))) $(call fuzz_libs,libfuzzer,$(TARGET))
endif

.PHONY: mutants-base mutant-daemon mutant-oracle mutant-integration mutant-fuzz
