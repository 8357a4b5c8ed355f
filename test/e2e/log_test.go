package e2e

import (
	"bytes"
	"strings"
	"sync"
)

// logFile keeps what the switch says.
type logFile struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logFile) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logFile) lines() []string { return strings.Split(strings.TrimSpace(l.String()), "\n") }

func (l *logFile) tail(n int) string {
	lines := l.lines()
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// errors are the lines that nobody should ever see.
func (l *logFile) errors() []string {
	var out []string
	for _, line := range l.lines() {
		if strings.Contains(line, `"level":"error"`) || strings.Contains(line, "DATA RACE") || strings.Contains(line, "panic:") {
			out = append(out, line)
		}
	}
	return out
}
