# SPDX-License-Identifier: Apache-2.0
# make fuzz [TARGET=NAME] [TIME=SECONDS] | coverage | fuzz-FLAVOUR | fuzz-targets
# The targets, and what each is linked from; all else about them is found by the name.

FUZZ_TARGETS = payload metadata merge framing decode remote owner filecap device newfile mount acl clocks records journal cred creds reply walker worker

FUZZ_SRCS_payload = fuzz/fuzz-payload.c fuzz/reference-payload.c src/decode/json.c src/decode/payload.c
FUZZ_LIBS_payload = -lyajl
FUZZ_SRCS_metadata = fuzz/fuzz-metadata.c src/decode/metadata.c
FUZZ_SRCS_merge = fuzz/fuzz-merge.c fuzz/reference-merge.c fuzz/reference-payload.c src/decode/json.c src/decode/payload.c src/decode/text.c src/decode/calls.c \
	src/decode/profile.c src/decode/merge.c
FUZZ_LIBS_merge = -lyajl
FUZZ_SRCS_framing = fuzz/fuzz-framing.c fuzz/fake-socket.c src/ipc/fdpass.c src/serve/greeter.c src/decode/json.c src/decode/payload.c src/decode/metadata.c src/base/log.c
FUZZ_LIBS_framing = -Wl,--wrap=recvmsg,--wrap=close,--wrap=log_line
FUZZ_SRCS_decode = fuzz/fuzz-decode.c fuzz/reference-decode.c fuzz/reference-mount.c fuzz/reference-memory.c fuzz/reference-table.c src/decode/calls.c src/decode/creation.c src/decode/mount.c src/decode/xattr.c src/decode/decode.c src/decode/tmem.c src/base/names.c src/base/in_child.c src/seccomp/features.c src/seccomp/notif.c \
	src/base/log.c
FUZZ_LIBS_decode = -lseccomp
FUZZ_SRCS_journal = fuzz/fuzz-journal.c src/rule/journal.c
FUZZ_SRCS_records = fuzz/fuzz-records.c src/rule/records.c
FUZZ_SRCS_cred = fuzz/fuzz-cred.c fuzz/reference-cred.c src/rule/cred.c
FUZZ_SRCS_creds = fuzz/fuzz-creds.c src/rule/creds.c src/rule/cred.c
FUZZ_SRCS_owner = fuzz/fuzz-owner.c src/rule/owner.c $(PROTO).c
FUZZ_LIBS_owner = -lprotobuf-nanopb
FUZZ_SRCS_filecap = fuzz/fuzz-filecap.c src/rule/filecap.c
FUZZ_SRCS_device = fuzz/fuzz-device.c src/rule/device.c
FUZZ_SRCS_acl = fuzz/fuzz-acl.c fuzz/reference-acl.c src/rule/acl.c
FUZZ_SRCS_clocks = fuzz/fuzz-clocks.c src/rule/clocks.c
FUZZ_SRCS_newfile = fuzz/fuzz-newfile.c src/rule/newfile.c src/rule/cred.c
FUZZ_SRCS_mount = fuzz/fuzz-mount.c src/rule/mount.c
FUZZ_SRCS_reply = fuzz/fuzz-reply.c fuzz/reference-stat.c src/reply/statabi.c src/reply/reply.c
FUZZ_SRCS_remote = fuzz/fuzz-remote.c fuzz/fixture-remote.c src/decode/tmem.c
FUZZ_SRCS_walker = fuzz/fuzz-walker.c fuzz/fixture-walker.c src/path/walk.c
FUZZ_SRCS_worker = fuzz/fuzz-worker.c fuzz/fake-kernel.c fuzz/fake-files.c fuzz/fake-xattrs.c fuzz/fake-process.c fuzz/fake-create.c fuzz/fake-mount.c fuzz/model-mount.c fuzz/model-worker.c fuzz/model-cred.c fuzz/model-xattr.c fuzz/reference-acl.c \
	fuzz/reference-decode.c fuzz/reference-mount.c fuzz/reference-memory.c fuzz/reference-table.c fuzz/reference-stat.c src/base/log.c src/base/reason.c src/decode/calls.c src/decode/creation.c src/decode/mount.c src/decode/xattr.c src/decode/decode.c src/decode/tmem.c src/base/names.c src/rule/owner.c src/rule/device.c src/rule/cred.c src/rule/creds.c src/rule/filecap.c src/rule/acl.c src/rule/newfile.c src/rule/guests.c \
	$(PROTO).c src/reply/reply.c src/reply/statabi.c src/base/in_child.c src/seccomp/features.c src/seccomp/notif.c src/object/object.c src/object/identity.c src/object/xattr_file.c src/object/hidden_xattr.c src/path/resolve.c src/path/lookup.c src/handle/chown.c \
	src/handle/stat.c src/handle/xattr.c src/handle/acl.c src/handle/isolation.c src/handle/ids.c \
	src/handle/capability.c src/handle/exec.c src/handle/chmod.c src/handle/create.c src/handle/peer.c src/handle/limit.c src/handle/mount.c src/handle/terminal.c src/rule/mount.c src/cred/cookie.c src/cred/credentials.c src/cred/repeat.c \
	src/object/lost.c src/serve/trace.c src/serve/job.c
FUZZ_LIBS_worker = -lseccomp -lprotobuf-nanopb -Wl,--wrap=ioctl,--wrap=syscall,--wrap=close,--wrap=fstat,--wrap=fstatfs \
	-Wl,--wrap=statx,--wrap=fchownat,--wrap=fchmodat,--wrap=getxattr,--wrap=lgetxattr,--wrap=fgetxattr,--wrap=setxattr,--wrap=removexattr,--wrap=listxattr \
	-Wl,--wrap=geteuid,--wrap=getegid,--wrap=prlimit,--wrap=openat,--wrap=log_line

# A flavour is how the one source of a target is compiled, and what calls it.
FUZZ_FLAVOURS = plain sanitize memory coverage libfuzzer afl blind engine
FUZZ_CLANG ?= clang
FUZZ_AFL ?= afl-clang-fast
FUZZ_CFLAGS ?= -g -O1
FUZZ_NANOPB = $(BUILD)/fuzz/nanopb
FUZZ_CPPFLAGS = $(OUR_CPPFLAGS) -Ifuzz
FUZZ_STRICT = -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_WITH_CLANG = -I$(FUZZ_NANOPB) $(FUZZ_CPPFLAGS) -std=gnu11

FUZZ_CC_plain = $(CC) $(CPPFLAGS) $(FUZZ_CPPFLAGS) $(CFLAGS) $(OUR_CFLAGS)
FUZZ_CC_sanitize = $(CC) $(CPPFLAGS) $(FUZZ_CPPFLAGS) -std=gnu11 -g -O1 -fsanitize=address,undefined $(FUZZ_STRICT)
FUZZ_CC_memory = $(FUZZ_CLANG) $(FUZZ_WITH_CLANG) -g -O1 -fsanitize=memory -fsanitize-memory-track-origins $(FUZZ_STRICT)
FUZZ_CC_coverage = $(FUZZ_CLANG) $(FUZZ_WITH_CLANG) -g -O0 -fprofile-instr-generate -fcoverage-mapping
FUZZ_CC_libfuzzer = $(FUZZ_CLANG) $(FUZZ_WITH_CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined $(FUZZ_STRICT)
# in a fork server the sanitizers cost nothing, see what AFL++ spends on a run
FUZZ_CC_afl = AFL_QUIET=1 AFL_USE_ASAN=1 AFL_USE_UBSAN=1 $(FUZZ_AFL) $(FUZZ_WITH_CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer
FUZZ_CC_blind = $(FUZZ_CC_libfuzzer) -DNO_ORACLE
# for build.sh
FUZZ_CC_engine = $(FUZZ_ENGINE_CC) $(FUZZ_WITH_CLANG)
FUZZ_LIBS_engine = $(FUZZ_ENGINE)
FUZZ_OWN_MAIN = plain sanitize memory coverage

# the package's library of nanopb is not instrumented, and blinds a fuzzer: what clang compiles gets its source
FUZZ_WITH_LIBRARY = plain sanitize
FUZZ_PB = $(FUZZ_NANOPB)/pb_common.c $(FUZZ_NANOPB)/pb_decode.c $(FUZZ_NANOPB)/pb_encode.c
fuzz_pb = $(if $(filter-out $(FUZZ_WITH_LIBRARY),$1),$(if $(filter -lprotobuf-nanopb,$(FUZZ_LIBS_$2)),$(FUZZ_PB)))
fuzz_srcs = $(FUZZ_SRCS_$2) $(if $(filter $(FUZZ_OWN_MAIN),$1),fuzz/standalone.c) $(fuzz_pb)
fuzz_objs = $(patsubst %.c,$(BUILD)/fuzz/$1/%.o,$(fuzz_srcs))
fuzz_libs = $(if $(fuzz_pb),$(filter-out -lprotobuf-nanopb,$(FUZZ_LIBS_$2)) $(shell cat $(FUZZ_NANOPB)/flags),$(FUZZ_LIBS_$2))
FUZZ_HEADERS = $(wildcard src/*/*.h src/*/*.def fuzz/*.h) fuzz/fuzz.mk

$(FUZZ_NANOPB)/flags $(FUZZ_PB) &: fuzz/nanopb.sh
	$(Q)fuzz/nanopb.sh $(FUZZ_NANOPB)

.SECONDEXPANSION:
.PRECIOUS: $(BUILD)/fuzz/%.o

define FUZZ_RULES
$(BUILD)/fuzz/$1/%.o: %.c $(FUZZ_HEADERS) $(BUILD)/settings | $(PROTO).h $(if $(filter $(FUZZ_WITH_LIBRARY),$1),,$(FUZZ_NANOPB)/flags)
	@mkdir -p $$(@D)
	$$(Q)$$(FUZZ_CC_$1) -c -o $$@ $$<

$(FUZZ_TARGETS:%=$(BUILD)/fuzz/$1/fuzz-%): $(BUILD)/fuzz/$1/fuzz-%: $$$$(call fuzz_objs,$1,$$$$*)
	@$$(if $$(V),,echo "  LINK  $$@")
	$$(Q)$$(FUZZ_CC_$1) $$(LDFLAGS) -o $$@ $$^ $$(call fuzz_libs,$1,$$*) $$(FUZZ_LIBS_$1)

fuzz-$1: $(FUZZ_TARGETS:%=$(BUILD)/fuzz/$1/fuzz-%)
.PHONY: fuzz-$1
endef
$(foreach flavour,$(FUZZ_FLAVOURS),$(eval $(call FUZZ_RULES,$(flavour))))

TIME ?= 60
fuzz:
	@status=0; for target in $(or $(TARGET),$(FUZZ_TARGETS)); do \
		fuzz/campaign.sh $$target $(TIME) || status=1; \
	done; exit $$status

coverage:
	@ci/fuzz-coverage.sh

# for scripts: this is the one list
fuzz-targets:
	@echo $(FUZZ_TARGETS)
$(FUZZ_TARGETS:%=fuzz-libs-%): fuzz-libs-%:
	@echo $(FUZZ_LIBS_$*)
$(FUZZ_TARGETS:%=fuzz-own-%): fuzz-own-%:
	@echo $(filter fuzz/%,$(FUZZ_SRCS_$*)) fuzz/fuzz.h

# a target's own sources with checks that mind nothing
fuzz_blind_own = $(patsubst %.c,$(BUILD)/fuzz/blind/%.o,$(filter fuzz/%,$(FUZZ_SRCS_$1)))
$(FUZZ_TARGETS:%=fuzz-blind-own-%): fuzz-blind-own-%: $$(call fuzz_blind_own,$$*)

.PHONY: fuzz coverage fuzz-targets $(foreach kind,libs own blind-own,$(FUZZ_TARGETS:%=fuzz-$(kind)-%))
