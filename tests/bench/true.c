/* SPDX-License-Identifier: Apache-2.0 */
/* The trivial program of the rows about fork and exec; linked statically and dynamically. */
int main(void)
{
	return 0;
}
