# SPDX-License-Identifier: Apache-2.0
# make fuzz-replay | fuzz-build | fuzz-afl: one program a target, which is built from the same file each time

FUZZ_TARGETS = payload framing decode owner reply
FUZZ_CLANG ?= clang
FUZZ_AFL ?= afl-clang-fast
FUZZ_CFLAGS ?= -g -O1

FUZZ_SRCS_payload = fuzz/fuzz-payload.c fuzz/reference-payload.c src/decode/payload.c
FUZZ_LIBS_payload = -lyajl
FUZZ_SRCS_framing = fuzz/fuzz-framing.c fuzz/fake-socket.c src/serve/greeter.c src/decode/payload.c src/base/log.c
FUZZ_LIBS_framing = -Wl,--wrap=recvmsg,--wrap=close,--wrap=log_line
FUZZ_SRCS_decode = fuzz/fuzz-decode.c fuzz/reference-decode.c src/decode/decode.c src/decode/tmem.c src/kernel/notif.c \
	src/base/log.c
FUZZ_LIBS_decode = -lseccomp
FUZZ_SRCS_owner = fuzz/fuzz-owner.c src/rule/owner.c $(PROTO).c
FUZZ_LIBS_owner = -lprotobuf-nanopb
FUZZ_SRCS_reply = fuzz/fuzz-reply.c fuzz/reference-stat.c src/reply/statabi.c src/reply/reply.c
# the package's library is not instrumented, so fuzzers get nanopb's source
FUZZ_SOURCE_owner = $(shell cat $(BUILD)/fuzz/nanopb/flags)

FUZZ_HEADERS = $(wildcard src/*/*.h src/*/*.def fuzz/*.h) fuzz/fuzz.mk
FUZZ_SANITIZE = -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

fuzz-replay: $(FUZZ_TARGETS:%=fuzz-replay-%)
fuzz-build: $(FUZZ_TARGETS:%=$(BUILD)/fuzz/fuzz-%)
fuzz-afl: $(FUZZ_TARGETS:%=$(BUILD)/fuzz/afl-%)

$(FUZZ_TARGETS:%=fuzz-replay-%): fuzz-replay-%: $(BUILD)/fuzz/replay-%
	$(Q)$< fuzz/corpus/$* $(wildcard fuzz/regress/$*) 2>$<.log || { tail -n 20 $<.log >&2; false; }

$(BUILD)/fuzz/nanopb/flags: fuzz/nanopb.sh
	$(Q)sh $< $(@D)

.SECONDEXPANSION:
$(FUZZ_TARGETS:%=$(BUILD)/fuzz/replay-%): $(BUILD)/fuzz/replay-%: $$(FUZZ_SRCS_$$*) fuzz/standalone.c $(FUZZ_HEADERS)
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(CPPFLAGS) $(OUR_CPPFLAGS) -Ifuzz $(CFLAGS) $(OUR_CFLAGS) $(LDFLAGS) -o $@ $(FUZZ_SRCS_$*) \
		fuzz/standalone.c $(FUZZ_LIBS_$*)

$(FUZZ_TARGETS:%=$(BUILD)/fuzz/fuzz-%): $(BUILD)/fuzz/fuzz-%: $$(FUZZ_SRCS_$$*) $(BUILD)/fuzz/nanopb/flags $(FUZZ_HEADERS)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(FUZZ_CLANG) $(OUR_CPPFLAGS) -Ifuzz -std=gnu11 $(FUZZ_CFLAGS) $(FUZZ_SANITIZE) -o $@ $(FUZZ_SRCS_$*) \
		$(or $(FUZZ_SOURCE_$*),$(FUZZ_LIBS_$*))

# in a fork server the sanitizers cost nothing, see what AFL++ spends on a run
$(FUZZ_TARGETS:%=$(BUILD)/fuzz/afl-%): $(BUILD)/fuzz/afl-%: $$(FUZZ_SRCS_$$*) $(BUILD)/fuzz/nanopb/flags $(FUZZ_HEADERS)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 $(FUZZ_AFL) $(OUR_CPPFLAGS) -Ifuzz -std=gnu11 $(FUZZ_CFLAGS) \
		-fsanitize=fuzzer -o $@ $(FUZZ_SRCS_$*) $(or $(FUZZ_SOURCE_$*),$(FUZZ_LIBS_$*))

.PHONY: fuzz-replay fuzz-build fuzz-afl $(FUZZ_TARGETS:%=fuzz-replay-%)
