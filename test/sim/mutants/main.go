// Command mutants puts faults into the state machines of calls and agents, one
// at a time, and demands that the exploration of the offer protocol (test/sim
// -offers) finds each of them. The faults are laid over the sources by the
// compiler; no file of the tree is touched.
//
//	go run ./test/sim/mutants              all; exit status 1 if one survives
//	go run ./test/sim/mutants -only free   those with "free" in their name
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	only := flag.String("only", "", "mutants whose name contains this")
	depth := flag.Int("depth", 5, "how deep the exploration goes")
	flag.Parse()
	if err := run(*only, *depth); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(only string, depth int) error {
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	survivors := 0
	for _, m := range append([]mutant{{name: "none"}}, mutants...) {
		if m.file != "" && !strings.Contains(m.name, only) {
			continue
		}
		how, err := try(m, dir, depth)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		switch {
		case m.file == "" && how != "":
			return fmt.Errorf("the exploration fails without a mutant: %s", how)
		case m.file == "":
		case how == "":
			survivors++
			fmt.Printf("SURVIVED %s\n", m.name)
		default:
			fmt.Printf("found    %-52s %s\n", m.name, how)
		}
	}
	if survivors > 0 {
		return fmt.Errorf("%d mutants survived", survivors)
	}
	return nil
}

// try explores with one fault in place; how it was found, "" when it was not.
func try(m mutant, dir string, depth int) (how string, err error) {
	overlay, err := m.overlay(dir)
	if err != nil {
		return "", err
	}
	sim := filepath.Join(dir, "sim")
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", sim, "switchroom/test/sim").CombinedOutput(); err != nil {
		return "", fmt.Errorf("it does not compile: %s", out)
	}
	out, err := exec.Command(sim, "-offers", fmt.Sprint(depth)).CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return "", err
	}
	if err == nil {
		return "", nil
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines {
		if strings.HasPrefix(line, "panic: ") {
			return line, nil
		}
	}
	return lines[len(lines)-1], nil
}

// overlay writes the faulty file and what tells the compiler to take it.
func (m mutant) overlay(dir string) (string, error) {
	replace := map[string]string{}
	if m.file != "" {
		out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "switchroom/acd").Output()
		if err != nil {
			return "", err
		}
		path := filepath.Join(strings.TrimSpace(string(out)), m.file)
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if n := strings.Count(string(text), m.from); n != 1 {
			return "", fmt.Errorf("its text occurs %d times in %s", n, m.file)
		}
		faulty := filepath.Join(dir, m.file)
		if err := os.WriteFile(faulty, []byte(strings.Replace(string(text), m.from, m.to, 1)), 0o600); err != nil {
			return "", err
		}
		replace[path] = faulty
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
