// SPDX-License-Identifier: Apache-2.0

// The "go" pass of difftest: a Go program sets ids, which its runtime does in all of its threads, and each of 16 goroutines
// with a thread of its own reports what its thread has.
package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

const threads = 16

// The numbers of calls with 32-bit ids.
var getresuid, getresgid, getgroups uintptr = syscall.SYS_GETRESUID, syscall.SYS_GETRESGID, syscall.SYS_GETGROUPS

func init() {
	if runtime.GOARCH == "386" {
		getresuid, getresgid, getgroups = 209, 211, 205
	}
}

func say(format string, arguments ...interface{}) {
	os.Stdout.WriteString(fmt.Sprintf(format, arguments...) + "\n")
}

func ids() string {
	var u, g [3]uint32
	var list [8]uint32

	syscall.RawSyscall(getresuid, uintptr(unsafe.Pointer(&u[0])), uintptr(unsafe.Pointer(&u[1])), uintptr(unsafe.Pointer(&u[2])))
	syscall.RawSyscall(getresgid, uintptr(unsafe.Pointer(&g[0])), uintptr(unsafe.Pointer(&g[1])), uintptr(unsafe.Pointer(&g[2])))
	n, _, _ := syscall.RawSyscall(getgroups, uintptr(len(list)), uintptr(unsafe.Pointer(&list[0])), 0)
	return fmt.Sprint(u, g, list[:n])
}

type worker struct {
	call   chan func()
	answer chan struct{}
}

func start() worker {
	w := worker{make(chan func()), make(chan struct{})}
	go func() {
		runtime.LockOSThread()
		for f := range w.call {
			f()
			w.answer <- struct{}{}
		}
	}()
	return w
}

func (w worker) run(f func()) {
	w.call <- f
	<-w.answer
}

type step struct {
	what string
	by   int
	call func() error
}

var all []worker

func steps(name string, list []step) {
	for _, s := range list {
		all[s.by].run(func() { say("%s, thread %d, %s: %v", name, s.by, s.what, s.call()) })
		for i, w := range all {
			w.run(func() { say("%s, thread %d: %s", name, i, ids()) })
		}
	}
}

func newThread() error {
	w := start()
	w.run(func() { say("new thread: %s", ids()) })
	close(w.call)
	return nil
}

func child(attributes *syscall.SysProcAttr, path string) func() error {
	return func() error {
		var status syscall.WaitStatus

		pid, err := syscall.ForkExec(path, []string{"ids", "@", "child"}, &syscall.ProcAttr{Env: []string{}, Files: []uintptr{0, 1, 2}, Sys: attributes})
		if err == nil {
			_, err = syscall.Wait4(pid, &status, 0, nil)
			say("child: %d", status)
		}
		return err
	}
}

func other(uid, gid uint32, groups ...uint32) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid, Groups: groups}}
}

// Each kind needs a process of its own.
var kinds = map[string][]step{
	"drops": {
		{"child of another user", 2, child(other(7, 8, 9, 10), "/work/ids/self")},
		{"setgroups", 0, func() error { return syscall.Setgroups([]int{5, 6, 7}) }},
		{"setgid", 3, func() error { return syscall.Setgid(43) }},
		{"setuid", 15, func() error { return syscall.Setuid(42) }},
		{"setuid", 1, func() error { return syscall.Setuid(0) }},
		{"setgid", 2, func() error { return syscall.Setgid(0) }},
		{"new thread", 4, newThread},
		{"setreuid", 5, func() error { return syscall.Setreuid(-1, 42) }},
		{"child", 6, child(nil, "/work/ids/self")},
		{"child of another user", 7, child(other(0, 0), "/work/ids/self")},
		{"child of a set-id program", 8, child(nil, "/work/ids/su7000")},
	},
	"regains": {
		{"setresuid", 0, func() error { return syscall.Setresuid(1000, 1000, 0) }},
		{"setuid", 5, func() error { return syscall.Setuid(0) }},
		{"setuid", 5, func() error { return syscall.Setuid(0) }},
		{"setresgid", 6, func() error { return syscall.Setresgid(1, 2, 3) }},
		{"setregid", 6, func() error { return syscall.Setregid(2, 1) }},
		{"setregid", 6, func() error { return syscall.Setregid(1, 2) }},
		{"setreuid", 7, func() error { return syscall.Setreuid(1000, 0) }},
		{"setreuid", 7, func() error { return syscall.Setreuid(0, 1000) }},
		{"setreuid", 8, func() error { return syscall.Setreuid(1000, 0) }},
		{"new thread", 4, newThread},
		{"exec", 9, func() error { return syscall.Exec("/work/ids/sug", []string{"ids", "@", "executed"}, []string{}) }},
	},
}

func main() {
	list, ok := kinds[os.Args[len(os.Args)-1]]
	if !ok {
		os.Exit(2)
	}
	for i := 0; i < threads; i++ {
		all = append(all, start())
	}
	steps(os.Args[len(os.Args)-1], list)
}
