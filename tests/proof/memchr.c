/* SPDX-License-Identifier: Apache-2.0 */
/* CBMC has no body for it. */
#include <string.h>

void *memchr(const void *s, int c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (((const unsigned char *)s)[i] == (unsigned char)c)
			return (unsigned char *)s + i;
	return NULL;
}
