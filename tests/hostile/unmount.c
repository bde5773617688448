/* SPDX-License-Identifier: Apache-2.0 */
/* unmount: again and again, a task has a root that is mounted for it, makes calls there, and goes; it can be unmounted as if nobody had served them. */
#include "hostile.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void use(void)
{
	check(chroot("/jail") == 0 && chdir("/") == 0, "chroot");
	for (int i = 0; i < 10; i++)
		check(sys_chown("/", 5, 6) == 0, "chown");
	_exit(0);
}

int main(void)
{
	unsigned long n = scaled(1000), done = 0;
	int status = 0;

	check(mkdir("/jail", 0755) == 0, "/jail");
	for (; done < n && status == 0; done++) {
		pid_t pid;

		check(mount("jail", "/jail", "tmpfs", 0, NULL) == 0, "mount");
		pid = fork();
		if (pid == 0)
			use();
		check(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
		/* calls that are not trapped */
		if (umount2("/jail", 0) < 0) {
			wrong("it is busy after %lu times", done);
			break;
		}
	}
	at_least("roots unmounted", done, n);
	return status || verdict();
}
