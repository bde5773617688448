/* SPDX-License-Identifier: Apache-2.0 */
/* What the table says, for runtimes and for people. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"
#include "base/reason.h"
#include "cli/cli.h"
#include "decode/decode.h"
#include "decode/merge.h"
#include "decode/payload.h"
#include "seccomp/features.h"

static const char *const handler_texts[HANDLE_COUNT] = {
#define HANDLER(name, text) text,
#include "decode/handlers.def"
#undef HANDLER
};

static const char *const trap_texts[TRAP_COUNT] = {
#define TRAP(name, text) text,
#include "decode/traps.def"
};

int cli_list_syscalls(void)
{
	for (enum call call = 0; call < CALL_COUNT; call++) {
		const struct syscall_row *row = &syscall_rows[call];

		printf("%s\t%s\t%s\n", row->name, handler_texts[row->handler], trap_texts[row->trap]);
	}
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cli_list_reasons(void)
{
	for (size_t i = 1; i < REASON_COUNT; i++)
		printf("%s\t%s\t%s\t%s\n", reason_infos[i].name, reason_infos[i].rate == REASON_RATE_expected ? "expected" : "unexpected",
		       reason_kinds[reason_infos[i].kind], reason_infos[i].text);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* All is allowed but what we trap. */
static const char plain[] = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": ["
#if defined(__x86_64__)
			    "\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\""
#elif defined(__aarch64__)
			    "\"SCMP_ARCH_AARCH64\""
#else
#error "the table has no ABI for this machine"
#endif
			    "]}";

static const char help[] =
	"usage: subuidless profile [--listener SOCKET] [--merge FILE] [--runtime crun|runc]\n"
	"                          [--user UID[:GID[:GROUP,...]]]\n"
	"\n"
	"Prints a seccomp profile: linux.seccomp of config.json, or what 'podman run --security-opt seccomp=FILE' takes.\n"
	"\n"
	"  --listener SOCKET    the daemon's socket, an absolute path. Without it the runtime must be told the path:\n"
	"                       crun by the annotation run.oci.seccomp.receiver or by RUN_OCI_SECCOMP_RECEIVER\n"
	"  --merge FILE         add to the profile of an engine, and keep what that denies; podman's is usually\n"
	"                       /usr/share/containers/seccomp.json. By default all other calls are allowed\n"
	"  --runtime crun|runc  for which runtime; by default crun\n"
	"  --user UID[:GID[:GROUP,...]]\n"
	"                       the IDs of the first program of each container\n"
	"  -h, --help\n";

/* How many bytes of the file, at most size, or -errno. */
static ssize_t read_file(const char *path, char *bytes, size_t size)
{
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t r = fd;

	while (r >= 0 && n < size) {
		r = read(fd, bytes + n, size - n);
		if (r == 0)
			break;
		if (r > 0)
			n += (size_t)r;
		else if (errno == EINTR)
			r = 0;
	}
	return r < 0 ? -errno : (ssize_t)n;
}

static int print_profile(const char *file, const struct merge_options *options)
{
	static char bytes[MERGE_MAX + 1], merged[MERGED_MAX];
	struct merge_problem problem = { NULL, 0 };
	ssize_t n = file ? read_file(file, bytes, sizeof(bytes)) : (ssize_t)strlen(plain);
	unsigned int line = 1;
	int r;

	if (n < 0) {
		log_errno(LOG_LEVEL_ERROR, (int)n, "cannot read %s, which --merge needs (podman's profile is usually "
			  "/usr/share/containers/seccomp.json)", file);
		return EXIT_FAILURE;
	}
	r = merge_profile(file ? bytes : plain, (size_t)n, options, merged, &problem);
	if (r < 0) {
		for (size_t i = 0; i < problem.offset && i < (size_t)n; i++)
			line += bytes[i] == '\n';
		fprintf(stderr, "subuidless: %s:%u: %s\n", file ? file : "the profile", line, problem.text);
		return EXIT_FAILURE;
	}
	return fwrite(merged, 1, (size_t)r, stdout) != (size_t)r || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int check(const char *listener, const char *runtime, const char *extra)
{
	bool runc = strcmp(runtime, "runc") == 0;

	if (extra)
		fprintf(stderr, "subuidless: profile takes no argument but options, not '%s'\n", extra);
	else if (!runc && strcmp(runtime, "crun") != 0)
		fprintf(stderr, "subuidless: --runtime is crun or runc, not '%s'\n", runtime);
	else if (listener && listener[0] != '/')
		fprintf(stderr, "subuidless: runtimes need an absolute path of the socket, not '%s'\n", listener);
	else if (runc && !listener)
		fprintf(stderr, "subuidless: runc learns of the socket by the profile alone: give --listener SOCKET\n");
	else
		return 0;
	return -EINVAL;
}

int cli_profile(int argc, char **argv)
{
	static const struct option options[] = {
		{ "listener", required_argument, NULL, 'l' },
		{ "merge", required_argument, NULL, 'm' },
		{ "runtime", required_argument, NULL, 'r' },
		{ "user", required_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *listener = NULL, *runtime = "crun", *file = NULL;
	char user[PAYLOAD_LABEL_MAX] = "";
	struct merge_options merge;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'l')
			listener = optarg;
		else if (c == 'm')
			file = optarg;
		else if (c == 'r')
			runtime = optarg;
		else if (c == 'h')
			return cli_print(help);
		else if (c != 'u' || cli_user(optarg, user) < 0)
			return cli_usage("profile");
	}
	if (check(listener, runtime, argv[optind]) < 0)
		return cli_usage("profile");
	/* runc refuses any flag, and the kernel one that it does not know */
	merge = (struct merge_options){ listener, user[0] ? user : NULL, strcmp(runtime, "crun") == 0 && features_wait_killable() };
	return print_profile(file, &merge);
}
