// SPDX-License-Identifier: Apache-2.0

// gosu USER[:GROUP] COMMAND...: becomes the user, with the groups that /etc/group gives it unless one is named, and then the
// command. It makes system calls itself, on several threads, without libc.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

func check(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "gosu: %s: %v\n", what, err)
		os.Exit(1)
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	check(text, err)
	return n
}

// threads makes the runtime have n more of them, on each of which it repeats a call; they show their ids when switched is closed
func threads(n int, switched chan bool) *sync.WaitGroup {
	var ready, done sync.WaitGroup

	ready.Add(n)
	done.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			runtime.LockOSThread()
			ready.Done()
			<-switched
			fmt.Fprintf(os.Stderr, "thread %d %d %d %d\n",
				syscall.Getuid(), syscall.Geteuid(), syscall.Getgid(), syscall.Getegid())
			done.Done()
		}()
	}
	ready.Wait()
	return &done
}

func main() {
	name, group, grouped := strings.Cut(os.Args[1], ":")
	who, err := user.Lookup(name)
	check(name, err)
	names, err := who.GroupIds()
	check("groups", err)
	gid := who.Gid
	if grouped {
		g, err := user.LookupGroup(group)
		check(group, err)
		gid, names = g.Gid, []string{g.Gid}
	}
	groups := []int{}
	for _, name := range names {
		groups = append(groups, number(name))
	}
	switched := make(chan bool)
	done := threads(8, switched)
	check("setgroups", syscall.Setgroups(groups))
	check("setgid", syscall.Setgid(number(gid)))
	check("setuid", syscall.Setuid(number(who.Uid)))
	close(switched)
	done.Wait()
	if number(who.Uid) != 0 && syscall.Setuid(0) == nil {
		check("setuid", fmt.Errorf("root again"))
	}
	path, err := exec.LookPath(os.Args[2])
	check(os.Args[2], err)
	check(path, syscall.Exec(path, os.Args[2:], os.Environ()))
}
