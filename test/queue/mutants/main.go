// Command mutants puts faults into a copy of the queue, one at a time, and
// demands that the queue's tests find each of them.
//
//	go run ./test/queue/mutants            all; exit status 1 if one survives
//	go run ./test/queue/mutants -only key  those with "key" in their name
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

func main() {
	only := flag.String("only", "", "mutants whose name contains this")
	from := flag.Int("from", 0, "leave out so many at the beginning")
	limit := flag.Duration("limit", 90*time.Second, "time for the tests of one mutant; a test that hangs has found it too")
	flag.Parse()
	if err := run(mutants[min(*from, len(mutants)):], *only, *limit); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(list []mutant, only string, limit time.Duration) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := copyQueue(root, dir); err != nil {
		return err
	}
	if found, how := tests(dir, limit); found {
		return fmt.Errorf("the tests fail without a mutant: %s", how)
	}
	survivors := 0
	for _, m := range list {
		if !strings.Contains(m.name, only) {
			continue
		}
		found, how, err := try(m, dir, limit)
		if err != nil {
			return err
		}
		verdict := "found   "
		if !found {
			verdict, how = "SURVIVED", ""
			survivors++
		}
		fmt.Printf("%s %-50s %s\n", verdict, m.name, how)
	}
	if survivors > 0 {
		return fmt.Errorf("%d mutants survived", survivors)
	}
	return nil
}

func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	return filepath.Dir(strings.TrimSpace(string(out))), err
}

// copyQueue makes a module of its own of the package and its tests.
func copyQueue(root, dir string) error {
	files, err := filepath.Glob(filepath.Join(root, "queue", "*.go"))
	if err != nil {
		return err
	}
	for _, f := range append(files, filepath.Join(root, "go.mod"), filepath.Join(root, "go.sum")) {
		rel, err := filepath.Rel(root, f)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// try puts one fault in, runs the tests and takes it out again.
func try(m mutant, dir string, limit time.Duration) (found bool, how string, err error) {
	path := filepath.Join(dir, "queue", m.file)
	text, err := os.ReadFile(path)
	if err != nil {
		return false, "", err
	}
	if n := strings.Count(string(text), m.from); n != 1 {
		return false, "", fmt.Errorf("%q: its text occurs %d times in %s", m.name, n, m.file)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), m.from, m.to, 1)), 0o644); err != nil {
		return false, "", err
	}
	defer func() {
		if e := os.WriteFile(path, text, 0o644); err == nil {
			err = e
		}
	}()
	found, how = tests(dir, limit)
	if strings.Contains(how, "build failed") {
		return false, "", fmt.Errorf("%q does not compile: %s", m.name, how)
	}
	return found, how, nil
}

var failed = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)|(panic: .*)|(build failed)|(fatal error: .*)`)

// tests runs the queue's tests, longer than the normal run does.
func tests(dir string, limit time.Duration) (found bool, how string) {
	ctx, cancel := context.WithTimeout(context.Background(), limit+30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-vet=off", "-failfast", "-timeout", limit.String(), "-cpu", "4",
		"./queue", "-stress", "50", "-linear", "1000", "-rapid.checks", "600", "-rapid.nofailfile", "-rapid.shrinktime", "0s", "-patience", "5s")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil {
		return false, ""
	}
	if m := failed.FindSubmatch(out); m != nil {
		return true, "by " + strings.TrimSpace(string(m[1])+string(m[2])+string(m[3])+string(m[4]))
	}
	return true, fmt.Sprintf("%v\n%s", err, out)
}
