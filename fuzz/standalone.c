/* SPDX-License-Identifier: Apache-2.0 */
/* Replays files, and the files of folders, through a target: twice each, since nothing may be left over from a run. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static int passed, failed;

static void replay(const char *name)
{
	FILE *file = fopen(name, "rb");
	struct stat st;
	uint8_t *data;

	/* exactly as many bytes as the file has, so that a sanitizer sees the first one too many */
	if (!file || fstat(fileno(file), &st) != 0 || !(data = malloc((size_t)st.st_size + !st.st_size)) ||
	    fread(data, 1, (size_t)st.st_size, file) != (size_t)st.st_size) {
		perror(name);
		failed++;
		if (file)
			fclose(file);
		return;
	}
	fclose(file);
	fprintf(stderr, "%s\n", name); /* the last line before a crash */
	for (int i = 0; i < 2; i++)
		LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	free(data);
	passed++;
}

static void replay_folder(const char *name, DIR *folder)
{
	const struct dirent *entry;
	char path[4096];

	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "README") != 0 &&
		    snprintf(path, sizeof(path), "%s/%s", name, entry->d_name) < (int)sizeof(path))
			replay(path);
	closedir(folder);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);

		if (folder)
			replay_folder(argv[i], folder);
		else
			replay(argv[i]);
	}
	if (passed == 0)
		failed++;
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}
