/* SPDX-License-Identifier: Apache-2.0 */
#include "ids.h"
#include <unistd.h>
void family_pass(void) { }
void threads_pass(void) { }
void peer_pass(void) { }
void report_and_exit(const char *name) { (void)name; _exit(0); }
