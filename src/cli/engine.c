/* SPDX-License-Identifier: Apache-2.0 */
/* Container engines for users without subordinate IDs, as they are used with them: podman, buildah and skopeo, attached to a daemon that is started if need be. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

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

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* The place of podman's command, behind options of podman itself; 0: there is none. */
static int find_command(char **argv)
{
	static const char *const with_value[] = {
		"--cgroup-manager", "--config", "--conmon", "--connection", "-c", "--db-backend", "--events-backend", "--hooks-dir", "--identity",
		"--imagestore", "--log-level", "--module", "--namespace", "--network-cmd-path", "--network-config-dir", "--out", "--registries-conf",
		"--root", "--runroot", "--runtime", "--runtime-flag", "--ssh", "--storage-driver", "--storage-opt", "--tmpdir", "--url", "--volumepath", NULL
	};

	for (int i = 1; argv[i]; i++) {
		if (argv[i][0] != '-')
			return i;
		if (is_one_of(argv[i], with_value) && !argv[++i])
			break;
	}
	return 0;
}

/* The profile for containers that have a listener of their own: podman's own one, where there is one, with our calls. */
static int write_profile(const char *socket, const char *path)
{
	static const char *const of_podman[] = { "/etc/containers/seccomp.json", "/usr/share/containers/seccomp.json" };
	const char *argv[] = { "profile", "--listener", socket, "--merge", NULL, NULL };
	int status = 0, fd;
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(of_podman) && !argv[4]; i++)
		argv[4] = access(of_podman[i], R_OK) == 0 ? of_podman[i] : NULL;
	pid = fork();
	if (pid == 0) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
			_exit(EXIT_FAILURE);
		argv[3] = argv[4] ? argv[3] : NULL;
		_exit(cli_profile(argv[4] ? 5 : 3, (char **)(uintptr_t)argv));
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
		return 0;
	log_line(LOG_LEVEL_ERROR, "cannot write the profile %s", path);
	return -EIO;
}

/* Commands that unpack, make and hand on images; those that make containers of which nobody could say which profile they have. */
static const char *const of_images[] = { "build", "commit", "image", "import", "load", "manifest", "pull", "push", "save", NULL };
static const char *const refused[] = { "compose", "farm", "generate", "kube", "play", "pod", "system", NULL };

/* With --strict: podman itself, whose new containers have a profile. */
static int be_strict(const char *socket, char **argv)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 16], option[sizeof(path) + 32];
	int at = find_command(argv), n = 0;
	char **command;

	if (at > 0 && is_one_of(argv[at], refused)) {
		log_line(LOG_LEVEL_ERROR, "--strict serves containers that run and create make, and none of \"podman %s\"", argv[at]);
		return EXIT_OWN_FAILURE;
	}
	if (at > 0 && strcmp(argv[at], "container") == 0 && argv[at + 1])
		at++;
	if (at == 0 || (strcmp(argv[at], "run") != 0 && strcmp(argv[at], "create") != 0))
		return command_execute(argv, NULL);
	snprintf(path, sizeof(path), "%s.profile", socket);
	snprintf(option, sizeof(option), "--security-opt=seccomp=%s", path);
	while (argv[n])
		n++;
	command = calloc((size_t)n + 2, sizeof(*command));
	if (!command || write_profile(socket, path) < 0)
		return EXIT_OWN_FAILURE;
	memcpy(command, argv, (size_t)(at + 1) * sizeof(*command));
	command[at + 1] = option;
	memcpy(command + at + 2, argv + at + 1, (size_t)(n - at - 1) * sizeof(*command));
	return command_execute(command, NULL);
}

/* In its place; strict: containers have listeners of their own, and only what deals with images is attached. */
static int become(char **argv, bool strict)
{
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)], podman[PATH_MAX];
	bool has_podman = find_program("podman", podman);
	int at = strict ? find_command(argv) : 0;

	if (listen_default_path(socket) < 0 || listener_start_daemon(socket) < 0)
		return EXIT_OWN_FAILURE;
	session_choose_driver();
	if (session_enter(has_podman ? podman : NULL) < 0)
		return EXIT_OWN_FAILURE;
	if (strict && !(at > 0 && is_one_of(argv[at], of_images)))
		return be_strict(socket, argv);
	setenv(ATTACHED, "1", 1);
	return cli_attach_to(socket, session_show_groups, argv);
}

int cli_engine(const char *name, char **argv)
{
	bool strict = strcmp(name, "podman") == 0 && argv[1] && strcmp(argv[1], "--strict") == 0;
	const char *needless;
	char path[PATH_MAX];

	log_level = LOG_LEVEL_WARNING;
	argv += strict;
	if (!find_program(name, path)) {
		log_line(LOG_LEVEL_ERROR, "there is no %s in PATH: it has to be installed", name);
		return EXIT_OWN_FAILURE + 2;
	}
	argv[0] = path;
	if (getenv(ATTACHED))
		return command_execute(argv, NULL);
	needless = session_needless();
	if (!needless)
		return become(argv, strict);
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
