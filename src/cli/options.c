/* SPDX-License-Identifier: Apache-2.0 */
/* Options and messages that several commands share. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "cli/cli.h"
#include "decode/metadata.h"
#include "serve/pool.h"

static const char *const names[] = {
#define COMMAND(name) #name,
CLI_COMMANDS
#undef COMMAND
};

int cli_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(word, names[i]) == 0)
			return (int)i;
	return -1;
}

int cli_refuse(const char *word)
{
	if (cli_find(word) >= 0) {
		fprintf(stderr, "subuidless: '%s' has to be the first argument, as any command\n", word);
		return cli_usage(word);
	}
	fprintf(stderr, "subuidless: there is no command '%s'. The commands are:", word);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		fprintf(stderr, " %s", names[i]);
	fprintf(stderr, "\nA socket is a path with a '/', such as ./%s\n", word[0] ? word : "subuidless.sock");
	return cli_usage(NULL);
}

int cli_usage(const char *command)
{
	fprintf(stderr, "Try 'subuidless %s%s--help'.\n", command ? command : "", command ? " " : "");
	return EXIT_USAGE;
}

int cli_print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cli_threads(const char *number)
{
	char *end;
	unsigned long n = strtoul(number, &end, 10);

	if (*number < '1' || *number > '9' || *end || n > LIMIT_THREADS) {
		fprintf(stderr, "subuidless: --threads takes a number from 1 to %d\n", LIMIT_THREADS);
		return -EINVAL;
	}
	pool_set_threads((unsigned int)n);
	return 0;
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
