/* SPDX-License-Identifier: Apache-2.0 */
/* What the table says, for runtimes and for people. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/why.h"
#include "cli/cli.h"
#include "decode/decode.h"
#include "decode/metadata.h"
#include "decode/payload.h"

static const char *const handler_texts[HANDLE_COUNT] = {
	[HANDLE_chown] = "change owner",
	[HANDLE_stat] = "show owner",
	[HANDLE_xattr_get] = "xattrs: hide ours, keep some",
	[HANDLE_xattr_change] = "xattrs: hide ours, keep some",
	[HANDLE_xattr_list] = "xattrs: hide ours, keep some",
	[HANDLE_hint] = "note a new root, namespace or confinement",
	[HANDLE_set_ids] = "set ids",
	[HANDLE_set_groups] = "set ids",
	[HANDLE_get_ids] = "get ids",
	[HANDLE_capget] = "capabilities",
	[HANDLE_capset] = "capabilities",
	[HANDLE_prctl] = "capabilities",
	[HANDLE_exec] = "set-id files, and what an exec does to capabilities",
	[HANDLE_chmod] = "change mode",
	[HANDLE_create] = "new files",
	[HANDLE_socket_call] = "credentials of a socket's peer, new files",
	[HANDLE_peer] = "credentials of a socket's peer",
	[HANDLE_limit] = "hide the resource limit that carries credentials",
	[HANDLE_refuse] = "refuse with ENOSYS",
};

static const char *const trap_texts[TRAP_COUNT] = {
	[ALWAYS] = "always",
	[NEW_NAMESPACE] = "with CLONE_NEWUSER or CLONE_NEWNS",
	[OF_CREDENTIALS] = "with an option of capabilities or securebits",
	[OF_PEER] = "with SO_PEERCRED or SO_PEERGROUPS",
	[OF_SOCKET_CALL] = "as getsockopt or bind",
	[OF_CREATION] = "with O_CREAT or O_TMPFILE",
	[OF_CREATION_AT] = "with O_CREAT or O_TMPFILE",
	[OF_LIMIT] = "with RLIMIT_LOCKS or RLIMIT_RSS",
	[OF_LIMIT_OF] = "with RLIMIT_LOCKS or RLIMIT_RSS",
	[REFUSED] = "never: the filter answers",
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
	for (size_t i = 1; i < WHY_COUNT; i++)
		printf("%s\t%s\t%s\t%s\n", why_infos[i].name, why_infos[i].rate == WHY_RATE_expected ? "expected" : "unexpected",
		       why_kinds[why_infos[i].kind], why_infos[i].text);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cli_user(const char *argument, char metadata[static PAYLOAD_LABEL_MAX])
{
	struct first_user user;
	int n = snprintf(metadata, PAYLOAD_LABEL_MAX, "user=%s", argument);

	/* what fills the buffer of the receiver counts as cut */
	if (n < PAYLOAD_LABEL_MAX - 1 && !strchr(argument, ' ') && metadata_decode(metadata, &user) == 0)
		return 0;
	fprintf(stderr, "subuidless: --user takes UID[:GID[:GROUP,...]] in fewer than %d characters, not '%s'\n",
		PAYLOAD_LABEL_MAX - 6, argument);
	return -EINVAL;
}

static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_names(enum trap trap)
{
	const char *separator = "";

	for (enum call call = 0; call < CALL_COUNT; call++) {
		if (syscall_rows[call].trap != trap)
			continue;
		printf("%s\"%s\"", separator, syscall_rows[call].name);
		separator = ", ";
	}
}

static void print_rule(enum trap trap, const struct trap_condition *condition)
{
	printf("    {\"names\": [");
	print_names(trap);
	printf("], \"action\": \"%s\"", trap == REFUSED ? "SCMP_ACT_ERRNO" : "SCMP_ACT_NOTIFY");
	if (trap == REFUSED)
		printf(", \"errnoRet\": %d", ENOSYS);
	/* a plain comparison is 64 bits wide, and the kernel ignores the upper half */
	if (condition)
		printf(",\n     \"args\": [{\"index\": %u, \"value\": %u, \"valueTwo\": %u, \"op\": \"SCMP_CMP_MASKED_EQ\"}]",
		       condition->index, condition->mask, condition->value);
	printf("}%s\n", trap == REFUSED ? "" : ",");
}

static void print_profile(const char *listener, const char *user, bool flags)
{
#if defined(__x86_64__)
	const char *architectures = "\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\", \"SCMP_ARCH_X32\"";
#elif defined(__aarch64__)
	const char *architectures = "\"SCMP_ARCH_AARCH64\"";
#else
#error "the table has no ABI for this machine"
#endif

	printf("{\n  \"defaultAction\": \"SCMP_ACT_ALLOW\",\n  \"architectures\": [%s],\n  \"listenerPath\": ", architectures);
	print_string(listener);
	if (user) {
		printf(",\n  \"listenerMetadata\": ");
		print_string(user);
	}
	if (flags)
		printf(",\n  \"flags\": [\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]");
	printf(",\n  \"syscalls\": [\n");
	print_rule(ALWAYS, NULL);
	for (size_t i = 0; i < trap_condition_count; i++)
		print_rule(trap_conditions[i].trap, &trap_conditions[i]);
	print_rule(REFUSED, NULL);
	printf("  ]\n}\n");
}

int cli_profile(int argc, char **argv)
{
	static const struct option options[] = {
		{ "listener", required_argument, NULL, 'l' },
		{ "runtime", required_argument, NULL, 'r' },
		{ "user", required_argument, NULL, 'u' },
		{ NULL, 0, NULL, 0 },
	};
	const char *listener = NULL, *runtime = "crun";
	char user[PAYLOAD_LABEL_MAX] = "";
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'l')
			listener = optarg;
		else if (c == 'r')
			runtime = optarg;
		else if (c != 'u' || cli_user(optarg, user) < 0)
			return cli_usage();
	}
	if (!listener || optind != argc) {
		fprintf(stderr, "subuidless: profile needs --listener SOCKET\n");
		return cli_usage();
	}
	if (listener[0] != '/') {
		fprintf(stderr, "subuidless: runtimes need an absolute path, not '%s'\n", listener);
		return cli_usage();
	}
	if (strcmp(runtime, "crun") != 0 && strcmp(runtime, "runc") != 0) {
		fprintf(stderr, "subuidless: --runtime is crun or runc, not '%s'\n", runtime);
		return cli_usage();
	}
	/* runc refuses any flag */
	print_profile(listener, user[0] ? user : NULL, strcmp(runtime, "crun") == 0);
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
