/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/log.h"

#define EXIT_CANNOT_EXECUTE 126
#define EXIT_NOT_FOUND 127

/* what execvp(3) takes where PATH is not set */
#define DEFAULT_PATH "/bin:/usr/bin"

static const char *search_path(void)
{
	const char *path = getenv("PATH");

	return path ? path : DEFAULT_PATH;
}

/* Writes the path of the first file that execvp(3) can have meant. */
static bool find(const char *name, char path[static PATH_MAX])
{
	const char *dir = search_path();

	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && access(path, F_OK) == 0;
	for (;;) {
		int length = (int)strcspn(dir, ":");

		if (snprintf(path, PATH_MAX, "%.*s%s%s", length, dir, length > 0 ? "/" : "", name) < PATH_MAX && access(path, F_OK) == 0)
			return true;
		if (dir[length] == '\0')
			return false;
		dir += length + 1;
	}
}

/* The loader that a program of this machine's word size names, or NULL. Text is what the file begins with, and ends with a 0 byte. */
static const char *loader_of(const char *text, size_t size)
{
	Elf64_Ehdr file;
	Elf64_Phdr part;

	if (size < sizeof(file))
		return NULL;
	memcpy(&file, text, sizeof(file));
	if (memcmp(file.e_ident, ELFMAG, SELFMAG) != 0 || file.e_ident[EI_CLASS] != ELFCLASS64 || file.e_phentsize != sizeof(part))
		return NULL;
	for (size_t i = 0; i < file.e_phnum && file.e_phoff < size && (i + 1) * sizeof(part) <= size - file.e_phoff; i++) {
		memcpy(&part, text + file.e_phoff + i * sizeof(part), sizeof(part));
		if (part.p_type == PT_INTERP && part.p_offset < size)
			return text + part.p_offset;
	}
	return NULL;
}

/* The file is there, but the one that the kernel needs to execute it is not. */
static void explain_interpreter(const char *path, const char *below)
{
	char text[4096 + 1], quoted[256];
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *loader;

	text[n > 0 ? n : 0] = '\0';
	loader = loader_of(text, n > 0 ? (size_t)n : 0);
	if (n > 2 && memcmp(text, "#!", 2) == 0) {
		char *name = text + 2 + strspn(text + 2, " \t");

		name[strcspn(name, " \t\n")] = '\0';
		log_quote(quoted, sizeof(quoted), name);
		log_line(LOG_LEVEL_ERROR, "cannot run %s: there is no %s%s, the interpreter in its first line", path, quoted, below);
	} else if (loader) {
		log_quote(quoted, sizeof(quoted), loader);
		log_line(LOG_LEVEL_ERROR, "cannot run %s: there is no %s%s, its dynamic loader, which comes with the C library that it was "
			 "built for", path, quoted, below);
	} else {
		log_line(LOG_LEVEL_ERROR, "cannot run %s: its interpreter or dynamic loader is missing%s; for a script without \"#!\", /bin/sh",
			 path, below);
	}
}

static void explain_permission(const char *path)
{
	const char *reason = "a directory in its path, or its interpreter, is not accessible";
	struct statvfs fs;
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		reason = "it is a directory";
	else if (statvfs(path, &fs) == 0 && fs.f_flag & ST_NOEXEC)
		reason = "its file system is mounted with noexec: copy it to another one";
	else if (access(path, X_OK) < 0)
		reason = "it is not executable: see chmod(1)";
	log_line(LOG_LEVEL_ERROR, "cannot run %s: Permission denied: %s", path, reason);
}

/* With a search in PATH, EACCES may only mean that one of its directories is not accessible. */
static int explain(const char *name, int r, const char *root)
{
	char path[PATH_MAX], below[PATH_MAX + 32] = "";
	bool found = find(name, path), searched = !strchr(name, '/');

	if (root)
		snprintf(below, sizeof(below), " in --root %s", root);
	if (!found && searched && (r == -ENOENT || r == -EACCES))
		log_line(LOG_LEVEL_ERROR, "cannot run %s: there is no such command%s; PATH is %s", name, below, search_path());
	else if (r == -ENOENT && !found)
		log_line(LOG_LEVEL_ERROR, "cannot run %s: there is no such file%s", name, below);
	else if (r == -ENOENT)
		explain_interpreter(path, below);
	else if (r == -EACCES && found)
		explain_permission(path);
	else
		log_errno(LOG_LEVEL_ERROR, r, "cannot run %s%s", name, below);
	return r == -ENOENT || (searched && !found) ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
}

int command_execute(char **command, const char *root)
{
	execvp(command[0], command);
	return explain(command[0], -errno, root);
}
