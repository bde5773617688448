/* SPDX-License-Identifier: Apache-2.0 */
/* Executing the command of `subuidless run`. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

/*
 * Executes command, which is looked up in PATH. Where that fails, it logs why and returns the exit status that env(1) and shells have
 * made known. root is what the root directory was before, for the message, or NULL.
 */
int command_execute(char **command, const char *root);

#endif
