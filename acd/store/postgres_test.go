package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// server is a PostgreSQL of the tests' own: a throwaway cluster that listens
// on a socket in its folder and nowhere else.
type server struct {
	dir   string
	cred  *syscall.Credential // PostgreSQL refuses to be root
	cmd   *exec.Cmd
	out   bytes.Buffer
	bases int
}

// sharedServer is the one that tests use which don't stop it. TestMain ends it.
var sharedServer struct {
	sync.Mutex
	*server
}

func shared(t testing.TB) *server {
	sharedServer.Lock()
	defer sharedServer.Unlock()
	if sharedServer.server == nil {
		sharedServer.server = newServer(t)
	}
	return sharedServer.server
}

// postgresTool finds a program of the server; Debian keeps them out of PATH.
func postgresTool(t testing.TB, name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	require.NotEmpty(t, found, "%s is needed: test/run installs it", name)
	return found[len(found)-1]
}

func newServer(t testing.TB) *server {
	s := &server{}
	var err error
	s.dir, err = os.MkdirTemp("", "switchroom-pg-")
	require.NoError(t, err)
	if os.Getuid() == 0 {
		who, err := user.Lookup("postgres")
		if err != nil {
			who, err = user.Lookup("nobody")
		}
		require.NoError(t, err)
		uid, _ := strconv.Atoi(who.Uid)
		gid, _ := strconv.Atoi(who.Gid)
		s.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		require.NoError(t, os.Chown(s.dir, uid, gid))
	}
	initdb := s.command(postgresTool(t, "initdb"), "-D", s.dir+"/data", "-U", "switch", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	out, err := initdb.CombinedOutput()
	require.NoError(t, err, "%s", out)
	s.start(t)
	return s
}

func (s *server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// start starts the server, also after a kill.
func (s *server) start(t testing.TB) {
	s.cmd = s.command(postgresTool(t, "postgres"), "-D", s.dir+"/data", "-k", s.dir, "-h", "", "-F")
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	require.NoError(t, s.cmd.Start())
	db := s.open(t, s.url("postgres"))
	require.Eventually(t, func() bool { return db.Ping() == nil }, 30*time.Second, 20*time.Millisecond, "%s", &s.out)
}

// kill ends the server as a crash does. Its children see that it is gone, and
// another one can start when they have ended.
func (s *server) kill() {
	children := s.children()
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	for _, pid := range children {
		for range 500 {
			if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// children are the processes that the server has forked.
func (s *server) children() []int {
	var all []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(s.cmd.Process.Pid) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			all = append(all, pid)
		}
	}
	return all
}

// signal sends a signal to the server and all that it has forked.
func (s *server) signal(t testing.TB, sig syscall.Signal) {
	for _, pid := range append(s.children(), s.cmd.Process.Pid) {
		require.NoError(t, syscall.Kill(pid, sig))
	}
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	_ = s.cmd.Wait()
	_ = os.RemoveAll(s.dir)
}

func (s *server) url(base string) string {
	return "postgres:///" + base + "?user=switch&host=" + url.QueryEscape(s.dir)
}

func (s *server) open(t testing.TB, url string) *sql.DB {
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// base makes an empty database and gives its URL.
func (s *server) base(t testing.TB) string {
	s.bases++
	name := fmt.Sprintf("base%d", s.bases)
	_, err := s.open(t, s.url("postgres")).Exec("CREATE DATABASE " + name)
	require.NoError(t, err)
	return s.url(name)
}

// onBoth runs a test on a world with each of the databases.
func onBoth(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newWorld(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, newWorldOn(t, shared(t).base(t))) })
}

// dump is everything that is in the tables, row by row.
func dump(t testing.TB, db *sql.DB, schema string) []string {
	t.Helper()
	var all []string
	for table, key := range map[string]string{"projection": "one", "cdrs": "id", "recordings": "id", "deletions": "id", "dispositions": "call",
		"decisions": "seq", "spells": "seq, part", "states": "agent", "boots": "boot"} {
		rows, err := db.Query("SELECT * FROM " + schema + table + " ORDER BY " + key)
		require.NoError(t, err)
		names, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values := make([]any, len(names))
			into := make([]any, len(names))
			for i := range into {
				into[i] = &values[i]
			}
			require.NoError(t, rows.Scan(into...))
			line := table
			for i, v := range values {
				line += fmt.Sprintf(" %s=%v", names[i], v)
			}
			all = append(all, line)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	slices.Sort(all)
	return all
}

// dump is what the world's projection holds.
func (w *world) dump() []string {
	w.t.Helper()
	if w.url != "" {
		db, err := sql.Open("pgx", w.url)
		require.NoError(w.t, err)
		defer db.Close()
		return dump(w.t, db, "switchroom.")
	}
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer(" ", "%20", "?", "%3f").Replace(w.path))
	require.NoError(w.t, err)
	defer db.Close()
	return dump(w.t, db, "")
}
