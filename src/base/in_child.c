/* SPDX-License-Identifier: Apache-2.0 */
#include "base/in_child.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

int in_child(in_child_work *work, size_t size, void **memory)
{
	size_t whole = size + sizeof(int);
	char *m = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r = -ECHILD;
	pid_t pid;

	if (m == MAP_FAILED)
		return -errno;
	/* not by its exit status, which is lost where SIGCHLD is ignored */
	memcpy(m + size, &r, sizeof(r));
	pid = fork();
	if (pid == 0) {
		r = work(m);
		memcpy(m + size, &r, sizeof(r));
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (pid < 0)
		r = -errno;
	else
		memcpy(&r, m + size, sizeof(r));
	if (r < 0)
		munmap(m, whole);
	else
		*memory = m;
	return r;
}
