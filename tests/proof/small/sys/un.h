/* SPDX-License-Identifier: Apache-2.0 */
/* As small as the limits. */
#ifndef TESTS_PROOF_SMALL_UN_H
#define TESTS_PROOF_SMALL_UN_H

#include <sys/socket.h>

struct sockaddr_un {
	sa_family_t sun_family;
	char sun_path[6];
};

#endif
