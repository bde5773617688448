/* SPDX-License-Identifier: Apache-2.0 */
/* usage: churn N: as somebody who is not root, makes and removes one symlink N times; with the errno of the first failure as its status. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 0;

	if (setgid(50) < 0 || setuid(50) < 0)
		return errno;
	while (n-- > 0)
		if (symlink("nowhere", "churn") < 0 || unlink("churn") < 0)
			return errno;
	return 0;
}
