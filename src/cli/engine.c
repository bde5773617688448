/* SPDX-License-Identifier: Apache-2.0 */
/* Container engines for users without subordinate IDs, as they are used with them: podman, buildah and skopeo, attached to a daemon that is started if need be. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/listener.h"
#include "cli/session.h"
#include "serve/listen.h"

/* Set for what is attached, which starts the programs themselves. */
#define ATTACHED "SUBUIDLESS_ATTACHED"

static const char shim_help[] =
	"usage: subuidless shim DIR\n"
	"\n"
	"Makes links named podman, buildah and skopeo in DIR. In front of PATH, they have scripts and other programs\n"
	"call \"subuidless podman\" where they call podman.\n"
	"\n"
	"  -h, --help\n";

static const char *const engines[] = { "podman", "buildah", "skopeo" };

bool cli_is_engine(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++)
		if (strcmp(word, engines[i]) == 0)
			return true;
	return false;
}

/* The program of that name in PATH, which is not this one. */
static bool find_program(const char *name, char path[static PATH_MAX])
{
	const char *dir = getenv("PATH");
	struct stat own, st;

	if (stat("/proc/self/exe", &own) < 0)
		return false;
	for (dir = dir ? dir : "/usr/local/bin:/usr/bin:/bin"; dir; dir = strchr(dir, ':') ? strchr(dir, ':') + 1 : NULL) {
		int n = (int)strcspn(dir, ":");

		if (snprintf(path, PATH_MAX, "%.*s%s%s", n, dir, n ? "/" : "./", name) >= PATH_MAX || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		if (access(path, X_OK) == 0 && (st.st_dev != own.st_dev || st.st_ino != own.st_ino))
			return true;
	}
	return false;
}

static int attach(char **command)
{
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)], podman[PATH_MAX];
	bool has_podman = find_program("podman", podman);

	if (listen_default_path(socket) < 0 || listener_start_daemon(socket) < 0)
		return EXIT_OWN_FAILURE;
	session_choose_driver();
	if (session_enter(has_podman ? podman : NULL) < 0)
		return EXIT_OWN_FAILURE;
	setenv(ATTACHED, "1", 1);
	return cli_attach_to(socket, command);
}

int cli_engine(const char *name, char **argv)
{
	const char *needless;
	char path[PATH_MAX];

	log_level = LOG_LEVEL_WARNING;
	if (!find_program(name, path)) {
		log_line(LOG_LEVEL_ERROR, "there is no %s in PATH: it has to be installed", name);
		return EXIT_OWN_FAILURE + 2;
	}
	argv[0] = path;
	if (getenv(ATTACHED))
		return command_execute(argv, NULL);
	needless = session_needless();
	if (!needless)
		return attach(argv);
	log_line(LOG_LEVEL_WARNING, "%s, so that %s needs no subuidless: this is %s itself", needless, name, name);
	return command_execute(argv, NULL);
}

int cli_podman(int argc, char **argv)
{
	(void)argc;
	return cli_engine("podman", argv);
}

int cli_buildah(int argc, char **argv)
{
	(void)argc;
	return cli_engine("buildah", argv);
}

int cli_skopeo(int argc, char **argv)
{
	(void)argc;
	return cli_engine("skopeo", argv);
}

static int make_link(const char *dir, const char *name)
{
	char own[PATH_MAX], path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (n < 0)
		return -errno;
	own[n] = '\0';
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	return symlink(own, path) < 0 ? -errno : 0;
}

int cli_shim(int argc, char **argv)
{
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return cli_print(shim_help);
	if (argc != 2 || argv[1][0] == '-') {
		fprintf(stderr, "subuidless: shim takes a directory\n");
		return cli_usage("shim");
	}
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		int r = make_link(argv[1], engines[i]);

		if (r < 0) {
			log_errno(LOG_LEVEL_ERROR, r, "cannot make %s/%s", argv[1], engines[i]);
			return EXIT_FAILURE;
		}
	}
	return EXIT_SUCCESS;
}
