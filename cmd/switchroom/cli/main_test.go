package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"switchroom/configs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAWrongCommandLineExitsWith2(t *testing.T) {
	for _, line := range []string{"", "dance", "serve now", "agents --color", "agents set 8001", "agents set 8001 redy",
		"agents set 8001 ready --reason lunch", "calls hangup", "recordings --from yesterday", "status --url nowhere",
		"recordings --min-length 5", "check a.yaml -c b.yaml", "serve --log-level loud"} {
		got := run(t, map[string]string{"SWITCHROOM_TOKEN": "x"}, strings.Fields(line)...)
		require.Equal(t, Usage, got.code, "%q: %s", line, got.stderr)
		require.Empty(t, got.stdout, line)
		require.Contains(t, got.stderr, "switchroom: ", line)
	}
}

func TestHelpIsAResult(t *testing.T) {
	got := run(t, nil, "--help")
	require.Equal(t, Done, got.code)
	require.Empty(t, got.stderr)
	for _, command := range []string{"serve", "demo", "check", "reload", "status", "agents", "calls", "queues", "recordings", "version"} {
		require.Contains(t, got.stdout, "\n  "+command)
	}
}

func TestServeAndDemoAreWhatTheyAreGiven(t *testing.T) {
	var out, errs bytes.Buffer
	var served ServeArgs
	m := Main{Stdout: &out, Stderr: &errs, Commands: Commands{
		Serve: func(_ context.Context, a ServeArgs) error { served = a; a.Log.Info("ready"); return nil },
		Demo:  func(_ context.Context, a DemoArgs) error { return errors.New("no loopback here") },
	}}
	require.Equal(t, Done, m.Run(t.Context(), []string{"serve", "-c", "x.yaml"}))
	require.Equal(t, "x.yaml", served.Config)
	require.Empty(t, out.String(), "logs are no results")
	require.Contains(t, errs.String(), `"msg":"ready"`, "JSON where nobody watches")
	require.Equal(t, Failed, m.Run(t.Context(), []string{"demo"}))
	require.Contains(t, errs.String(), "switchroom: no loopback here\n")

	require.Equal(t, Failed, run(t, nil, "serve").code, "a program without a switch says so")
}

func TestVersionNamesTheBuild(t *testing.T) {
	require.Regexp(t, `^switchroom \S+ .*go1\.\d+.* linux/\w+\n$`, run(t, nil, "version").stdout)
	require.Contains(t, run(t, nil, "version", "--json").stdout, `"platform": "linux/`)
}

func TestCheckPrintsEachFaultAsAResult(t *testing.T) {
	file := filepath.Join(t.TempDir(), "switch.yaml")
	require.NoError(t, os.WriteFile(file, []byte("trunks: []\nnumbers: []\nqueues: []\nagents: []\ndrain_timout: 5\ndata: [1]\n"), 0o600))
	for _, args := range [][]string{{"check", "-c", file}, {"check", file}, {"-c", file, "check"}} {
		got := run(t, nil, args...)
		require.Equal(t, Failed, got.code)
		require.Equal(t, file+`:5:1: unknown key "drain_timout": did you mean "drain_timeout"?`+"\n"+
			file+":6:7: data is a list: a text is wanted, in quotes where YAML would take it for something else\n", got.stdout)
		require.Empty(t, got.stderr)
	}
	require.JSONEq(t, `{"ok": false, "warnings": [], "faults": [
		{"file": "`+file+`", "line": 5, "col": 1, "text": "unknown key \"drain_timout\": did you mean \"drain_timeout\"?"},
		{"file": "`+file+`", "line": 6, "col": 7, "text": "data is a list: a text is wanted, in quotes where YAML would take it for something else"}]}`,
		run(t, nil, "check", "--json", file).stdout)
}

func TestCheckOfAConfigurationInOrderSaysSo(t *testing.T) {
	got := run(t, nil, "check")
	require.Equal(t, Done, got.code)
	require.Regexp(t, `^\(built-in\): in order: 1 trunk, 1 number, 1 queue, 3 agents; version [0-9a-f]{12}\n$`, got.stdout)
}

func TestCheckOfAMissingFileFails(t *testing.T) {
	got := run(t, nil, "check", "/nowhere/switch.yaml")
	require.Equal(t, Failed, got.code)
	require.Equal(t, "/nowhere/switch.yaml: cannot open the file: no such file or directory\n", got.stdout)
}

func TestFaultsAreToldOneALineByEveryCommand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "switch.yaml")
	require.NoError(t, os.WriteFile(file, []byte("trunks: x\nnumbers: []\nqueues: []\nagents: y\n"), 0o600))
	got := run(t, nil, "status", "-c", file)
	require.Equal(t, Failed, got.code)
	require.Equal(t, file+":1:9: trunks is a text: a list is wanted\n"+file+":4:9: agents is a text: a list is wanted\n", got.stderr)
}

func TestTheEndpointComesFromTheCommandLineThenTheEnvironmentThenTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "switch.yaml")
	write := func(tokens string) {
		require.NoError(t, os.WriteFile(file, []byte("http: {listen: '0.0.0.0:8099', tokens: ["+tokens+"]}\ndata: "+dir+
			"\ntrunks: []\nnumbers: []\nqueues: []\nagents: []\n"), 0o600))
	}
	env := map[string]string{}
	at := func(g global) (string, string) {
		s := &session{Main: Main{Getenv: func(k string) string { return env[k] }}, global: g}
		e, err := s.endpoint()
		require.NoError(t, err)
		return e.url.String(), e.token
	}
	write("{token: for-qa, role: qa}, {token: for-admin, role: admin}")
	url, token := at(global{Config: file})
	require.Equal(t, []string{"http://127.0.0.1:8099", "for-admin"}, []string{url, token})

	write("{token: for-qa, role: qa}")
	_, token = at(global{Config: file})
	require.Equal(t, "for-qa", token)

	write("")
	require.NoError(t, os.WriteFile(filepath.Join(dir, tokenFile), []byte("made-by-the-switch\n"), 0o600))
	_, token = at(global{Config: file})
	require.Equal(t, "made-by-the-switch", token)

	env["SWITCHROOM_URL"], env["SWITCHROOM_TOKEN"] = "https://sw.example.com/", "from-env"
	url, token = at(global{Config: "/nowhere"})
	require.Equal(t, []string{"https://sw.example.com", "from-env"}, []string{url, token})
	url, token = at(global{URL: "http://[::1]:80", Token: "from-line"})
	require.Equal(t, []string{"http://[::1]:80", "from-line"}, []string{url, token})
}

func TestBaseURLReachesWhatIsListenedOn(t *testing.T) {
	for listen, url := range map[string]string{"127.0.0.1:8080": "http://127.0.0.1:8080", ":8080": "http://127.0.0.1:8080",
		"0.0.0.0:1": "http://127.0.0.1:1", "[::]:1": "http://127.0.0.1:1", "[::1]:1": "http://[::1]:1", "sw.example.com:1": "http://sw.example.com:1"} {
		require.Equal(t, url, baseURL(listen))
	}
	c, err := configs.Parse("x", configs.Default())
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:8080", baseURL(c.HTTP.Listen))
}
