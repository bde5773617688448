/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of the command line. Each takes its own arguments and returns the exit status. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "decode/payload.h"

#define EXIT_USAGE 2

int cli_daemon(int argc, char **argv);
int cli_profile(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_strip(int argc, char **argv);
int cli_list_syscalls(void);
int cli_list_reasons(void);

/* The value of --threads. 0, or -errno with a printed line. */
int cli_threads(const char *number);

/* The value of --user, as the listenerMetadata that says so. 0, or -errno with a printed line. */
int cli_user(const char *argument, char metadata[static PAYLOAD_LABEL_MAX]);

/* Says how to get help with a command, or NULL, and returns EXIT_USAGE. */
int cli_usage(const char *command);

/* Prints what --help says. The exit status. */
int cli_help(const char *text);

#endif
