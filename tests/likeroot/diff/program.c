/* SPDX-License-Identifier: Apache-2.0 */
/* What is executed: copies of this program with other owners, modes and places, scripts, and what cannot be executed. */
#include "ids.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diff.h"

#define DIR "/work/ids"

const struct program programs[] = {
	{ SELF, 0755, 0, 0 },
	{ SU42, 04755, 42, 0 },
	{ DIR "/su0", 04755, 0, 0 },
	{ DIR "/su7000", 04711, 7000, 7000 },
	{ DIR "/su70000", 04755, 70000, 70000 },
	{ DIR "/sg43", 02755, 0, 43 },
	{ DIR "/sg0", 02755, 42, 0 },
	{ DIR "/sug", 06755, 42, 43 },
	{ DIR "/sg-no-x", 02745, 0, 7001 }, /* the bit means another thing then */
	{ "/dev/su42", 06755, 42, 43 },   /* nosuid */
	{ DIR "/cap", 0755, 0, 0 },
	{ DIR "/cap-no-e", 0755, 0, 0 },
	{ DIR "/cap-unbound", 0755, 0, 0 }, /* with one that no one can get here */
	{ DIR "/cap-su42", 04755, 42, 42 },
	{ DIR "/script", 0755, 0, 0 },
	{ DIR "/su-script", 06755, 42, 43 },
	/* none whose interpreter has set-id bits, which we do not see: docs/limits.md */
	{ DIR "/script-of-script", 0755, 0, 0 },
	{ DIR "/link", 0, 0, 0 },
};
const size_t program_count = ARRAY_SIZE(programs);

/* For root, too; with set-id bits and the owner 42:43 where they are files. */
const char *const no_programs[] = {
	DIR "/none", DIR "/self/x", DIR, DIR "/loop", DIR "/no-x", "/dev/shm/no-exec", DIR "/empty", DIR "/text", DIR "/cut", DIR "/foreign",
	DIR "/no-interpreter", DIR "/bad-interpreter", DIR "/script-none", DIR "/script-no-x", DIR "/script-dir", DIR "/busy", "",
	"/dev/null", "/proc/self/status",
};
const size_t no_program_count = ARRAY_SIZE(no_programs);

static void give(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	if (raw(WIDE(chown), path, uid, gid) < 0 || chmod(path, mode) < 0)
		die(path);
}

static int make(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, mode);

	if (fd < 0)
		die(path);
	return fd;
}

static void make_text(const char *path, const void *text, size_t n)
{
	int fd = make(path, 0755);

	if (write(fd, text, n) != (ssize_t)n)
		die(path);
	close(fd);
}

static void make_copy(const char *path)
{
	int from = open("/difftest", O_RDONLY | O_CLOEXEC), to = make(path, 0755);
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0)
		die("/difftest");
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(to, from, NULL, (size_t)left);

		if (n <= 0)
			die(path);
		left -= n;
	}
	close(from);
	close(to);
}

static void make_bad(const char *path, const void *text, size_t n)
{
	make_text(path, text, n);
	give(path, 06755, 42, 43);
}

#define MAKE_BAD(path, text) make_bad(path, text, sizeof(text) - 1)

/* An ELF file of one segment, which is mapped at "address", and perhaps an interpreter. */
static void make_elf(const char *path, int machine, const char *interpreter, ElfW(Addr) address)
{
	struct {
		ElfW(Ehdr) header;
		ElfW(Phdr) segments[2];
		char interpreter[64];
	} elf = { .header = { .e_type = ET_EXEC, .e_machine = (ElfW(Half))machine, .e_version = EV_CURRENT, .e_entry = address,
			      .e_phoff = sizeof(elf.header), .e_ehsize = sizeof(elf.header), .e_phentsize = sizeof(elf.segments[0]),
			      .e_phnum = interpreter ? 2 : 1 } };

	memcpy(elf.header.e_ident, ELFMAG, SELFMAG);
	elf.header.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	elf.header.e_ident[EI_DATA] = ELFDATA2LSB;
	elf.header.e_ident[EI_VERSION] = EV_CURRENT;
	elf.segments[0] = (ElfW(Phdr)){ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = address, .p_filesz = sizeof(elf),
					.p_memsz = sizeof(elf), .p_align = 4096 };
	if (interpreter) {
		strcpy(elf.interpreter, interpreter);
		elf.segments[1] = (ElfW(Phdr)){ .p_type = PT_INTERP, .p_offset = offsetof(typeof(elf), interpreter),
						.p_filesz = strlen(interpreter) + 1, .p_memsz = strlen(interpreter) + 1 };
	}
	make_bad(path, &elf, sizeof(elf));
}

static void make_no_programs(void)
{
	int native = sizeof(void *) == 8 ? EM_X86_64 : EM_386;

	if (symlink("loop", DIR "/loop") < 0)
		die("loop");
	make_copy(DIR "/no-x");
	give(DIR "/no-x", 06644, 42, 43);
	make_copy("/dev/shm/no-exec");
	give("/dev/shm/no-exec", 06755, 42, 43);
	MAKE_BAD(DIR "/empty", "");
	MAKE_BAD(DIR "/text", "exit 0\n");
	MAKE_BAD(DIR "/cut", "\177ELF\2\1\1");
	make_elf(DIR "/foreign", EM_S390, NULL, 0x400000);
	make_elf(DIR "/no-interpreter", native, DIR "/none", 0x400000);
	make_elf(DIR "/bad-interpreter", native, DIR "/text", 0x400000);
	make_elf(LATE, native, NULL, (ElfW(Addr))-0x10000);
	MAKE_BAD(DIR "/script-none", "#!" DIR "/none\n");
	MAKE_BAD(DIR "/script-no-x", "#!" DIR "/no-x\n");
	MAKE_BAD(DIR "/script-dir", "#! " DIR "\n");
	make_copy(DIR "/busy");
	give(DIR "/busy", 06755, 42, 43);
	/* someone writes it all the time */
	if (dup(open(DIR "/busy", O_WRONLY)) < 0)
		die("busy");
}

static void give_capabilities(const char *path, uint64_t permitted, uint64_t inheritable, bool effective)
{
	struct vfs_cap_data data = {
		.magic_etc = VFS_CAP_REVISION_2 | (effective ? VFS_CAP_FLAGS_EFFECTIVE : 0),
		.data = { { (uint32_t)permitted, (uint32_t)inheritable }, { (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) } },
	};

	if (raw(SYS_setxattr, path, "security.capability", &data, sizeof(data), 0) < 0)
		die(path);
}

static void make_script(const char *path, const char *text)
{
	make_text(path, text, strlen(text));
}

void programs_make(void)
{
	if (mkdir(DIR, 0755) < 0)
		die(DIR);
	make_script(DIR "/script", "#!" SELF "\n");
	make_script(DIR "/su-script", "#!" SELF " argument\n");
	make_script(DIR "/script-of-script", "#! " DIR "/script -a -b\n");
	if (symlink("sug", DIR "/link") < 0)
		die("link");
	for (size_t i = 0; i < program_count; i++) {
		const struct program *p = &programs[i];
		int fd;

		if (p->mode && !strstr(p->path, "script"))
			make_copy(p->path);
		if (p->mode)
			give(p->path, p->mode, p->uid, p->gid);
		fd = open(p->path, O_RDONLY);
		/* kept across exec */
		if (fd < 0 || dup2(fd, FD_EXEC + (int)i) < 0 || close(fd) < 0)
			die(p->path);
	}
	give_capabilities(DIR "/cap", CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_SETUID), CAP_BIT(CAP_KILL), true);
	give_capabilities(DIR "/cap-no-e", CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_SETGID), CAP_BIT(CAP_KILL) | CAP_BIT(CAP_SETUID), false);
	give_capabilities(DIR "/cap-unbound", CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_SYS_TIME), 0, true);
	give_capabilities(DIR "/cap-su42", CAP_BIT(CAP_SETPCAP), 0, true);
	make_no_programs();
}

/* What a container of tests/config.json has; others have more. */
void sets_limit(bool admin)
{
	const uint64_t limit = (admin ? CAP_BIT(CAP_SYS_ADMIN) : 0) | CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID) |
			       CAP_BIT(CAP_KILL) | CAP_BIT(CAP_SETGID) | CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETPCAP) |
			       CAP_BIT(CAP_NET_BIND_SERVICE) | CAP_BIT(CAP_SYS_CHROOT) | CAP_BIT(CAP_MKNOD) | CAP_BIT(CAP_AUDIT_WRITE) |
			       CAP_BIT(CAP_SETFCAP);

	for (int c = 0; c < CAP_COUNT; c++)
		if (!(limit & CAP_BIT(c)) && raw(SYS_prctl, PR_CAPBSET_DROP, c, 0, 0, 0) < 0 && raw(SYS_prctl, PR_CAPBSET_READ, c, 0, 0, 0) != 0)
			die("PR_CAPBSET_DROP");
	if (set_sets(&(struct sets){ limit, limit, 0 }) < 0)
		die("capset");
}

void resume_fill(struct resume *r, const struct seq *s)
{
	static char name[] = "ids", at[] = "@";

	snprintf(r->words[0], sizeof(r->words[0]), "%llx", (unsigned long long)s->random);
	snprintf(r->words[1], sizeof(r->words[1]), "%s", s->path);
	snprintf(r->words[2], sizeof(r->words[2]), "%d", s->step);
	snprintf(r->words[3], sizeof(r->words[3]), "%d", s->left);
	r->argv[0] = name;
	r->argv[1] = at;
	for (size_t i = 0; i < 4; i++)
		r->argv[2 + i] = r->words[i];
	r->argv[6] = NULL;
}

static void go_on(char **words)
{
	struct seq s = { .random = strtoull(words[0], NULL, 16), .step = atoi(words[2]), .left = atoi(words[3]) };

	snprintf(s.path, sizeof(s.path), "%s", words[1]);
	/* how the kernel chose what runs tells nothing here */
	say("%s.%d runs:", s.path, s.step);
	say_start();
	say_state();
	if (s.left < 0)
		_exit(0);
	sequence_go_on(&s);
}

void resume_if(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "@") == 0) {
			if (i + 4 < argc)
				go_on(argv + i + 1);
			report_and_exit(argv[i + 1]);
		}
}
