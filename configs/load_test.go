package configs

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// debian is what a kernel takes ports from by default.
var debian = PortRange{32768, 60999}

func mustRead(t require.TestingT, path string) string {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func TestEverySampleFileLoadsWithoutAWarning(t *testing.T) {
	files, err := filepath.Glob("*.yaml")
	require.NoError(t, err)
	require.Contains(t, files, "default.yaml")
	require.Contains(t, files, "switchroom.yaml")
	for _, f := range files {
		c, err := parse(f, []byte(mustRead(t, f)), debian)
		require.NoError(t, err, f)
		require.Empty(t, c.Warnings, f)
		require.Regexp(t, "^[0-9a-f]{12}$", c.Version)
	}
}

func TestTheSampleShowsEveryKey(t *testing.T) {
	d := decoder{file: "x", ids: map[kind]map[string]place{}}
	known := map[string]bool{}
	d.asked = func(key string) { known[key] = true }
	d.config(d.root([]byte(mustRead(t, "switchroom.yaml"))))
	require.Empty(t, d.faults)
	text := mustRead(t, "switchroom.yaml")
	require.Greater(t, len(known), 40)
	for key := range known {
		require.Regexp(t, `(?m)(^|[\s{])`+key+`:`, text)
	}
}

func TestTheDefaultIsForThisMachineAloneAndHoldsNoSecret(t *testing.T) {
	c, err := parse("default", Default(), debian)
	require.NoError(t, err)
	for _, l := range append([]string{c.Media.Listen, c.HTTP.Listen}, c.SIP.Listen...) {
		require.Contains(t, l, "127.0.0.1")
	}
	require.Empty(t, c.HTTP.Tokens)
	for _, trunk := range c.Trunks {
		require.Equal(t, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, trunk.Peers)
		require.Empty(t, trunk.Password)
	}
	for _, a := range c.Agents {
		require.Empty(t, a.Password)
		require.Contains(t, a.Contact, "@127.0.0.1:")
	}
}

func TestTheDocumentedExampleMeansWhatItSays(t *testing.T) {
	c, err := parse("documented.yaml", []byte(mustRead(t, "testdata/documented.yaml")), debian)
	require.NoError(t, err)
	c.Version, c.Warnings = "", nil
	require.Equal(t, &Config{
		SIP:          SIP{Listen: []string{"udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"}, Realm: "switchroom", T1: 500 * time.Millisecond, Strangers: "drop", Trace: 32, Qualify: 30 * time.Second},
		Media:        Media{Listen: "127.0.0.1", Ports: PortRange{16384, 32767}, Timeout: 30 * time.Second},
		HTTP:         HTTP{Listen: "127.0.0.1:8080", Tokens: []Token{{"s3cret", "admin", "", ""}}},
		Recording:    defaultRecording(),
		Journal:      defaultJournal(),
		Data:         "./data",
		DrainTimeout: time.Minute,
		MaxTalk:      4 * time.Hour,
		Clients:      []Client{{ID: "courier", Language: "en", Name: "Courier Express"}},
		Sites:        []Site{{"chengdu", "Chengdu"}, {"beijing", "Beijing"}},
		Trunks: []Trunk{usual(Trunk{ID: "telecom", Peers: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("203.0.113.0/28")},
			Address: "sip:127.0.0.1:5080"})},
		Outbound: defaultOutbound(),
		Numbers:  []Number{{Number: "4008001234", Client: "courier", Queue: "parcels"}},
		Queues: []Queue{{ID: "parcels", Client: "courier", Strategy: "longest-idle",
			Rings: []Ring{{0, []string{"chengdu"}, map[string]int{"parcels": 5}},
				{20 * time.Second, []string{"chengdu", "beijing"}, map[string]int{"parcels": 3}}},
			RingTimeout: 15 * time.Second, WrapUp: 10 * time.Second, WrapUpEnd: "early", Rona: defaultRona, Pause: defaultPause, MaxWait: 5 * time.Minute, MaxWaiting: 500,
			Answer: "queue", ServiceLevel: ServiceLevel{80, 20 * time.Second, "ignore"}, Record: "always", Unrecorded: "refuse"}},
		Agents: []Agent{{ID: "8001", Name: "Li Wei", Site: "chengdu", Password: "digest secret", Contact: "sip:8001@127.0.0.1:7001", SRTP: "allow",
			Skills: map[string]int{"parcels": 5, "mandarin": 4}, ReadyOnRegister: true}},
	}, c)
}

func TestEveryKeyButTheFourHasItsDefault(t *testing.T) {
	c, err := parse("x", []byte("trunks: [{id: t, peers: ['::1']}]\nnumbers: [{number: 1, queue: q}]\n"+
		"queues: [{id: q, client: c}]\nclients: [{id: c}]\nagents: [{id: 8001, password: 0042}]\nsip:\nhttp: {tokens: }\n"), debian)
	require.NoError(t, err)
	c.Version = ""
	require.Equal(t, &Config{
		SIP:          SIP{Listen: []string{"udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"}, Realm: "switchroom", T1: 500 * time.Millisecond, Strangers: "drop", Trace: 32, Qualify: 30 * time.Second},
		Media:        Media{Listen: "127.0.0.1", Ports: PortRange{16384, 32767}, Timeout: 30 * time.Second},
		HTTP:         HTTP{Listen: "127.0.0.1:8080"},
		Recording:    defaultRecording(),
		Journal:      defaultJournal(),
		Data:         "./data",
		DrainTimeout: time.Minute,
		MaxTalk:      4 * time.Hour,
		Clients:      []Client{{ID: "c", Language: "en", Name: "c"}},
		Trunks:       []Trunk{usual(Trunk{ID: "t", Peers: []netip.Prefix{netip.MustParsePrefix("::1/128")}})},
		Outbound:     defaultOutbound(),
		Numbers:      []Number{{Number: "1", Client: "c", Queue: "q"}},
		Queues: []Queue{{ID: "q", Client: "c", Strategy: "longest-idle", Rings: []Ring{{}},
			RingTimeout: 15 * time.Second, WrapUp: 10 * time.Second, WrapUpEnd: "early", Rona: defaultRona, Pause: defaultPause, MaxWait: 5 * time.Minute, MaxWaiting: 500,
			Answer: "queue", ServiceLevel: ServiceLevel{80, 20 * time.Second, "ignore"}, Record: "always", Unrecorded: "refuse"}},
		Agents: []Agent{{ID: "8001", Name: "8001", Password: "0042", SRTP: "allow", ReadyOnRegister: true, Qualify: 30 * time.Second}},
	}, c)
}

func TestFormsThatMeanTheSameAreReadTheSame(t *testing.T) {
	text := mustRead(t, "testdata/documented.yaml")
	plain, err := parse("x", []byte(text), debian)
	require.NoError(t, err)
	for name, other := range map[string]string{
		"windows line ends":  strings.ReplaceAll(text, "\n", "\r\n"),
		"a byte order mark":  "\ufeff" + text,
		"a document's start": "---\n" + text,
		"a document's end":   text + "...\n",
		"a version":          "%YAML 1.2\n---\n" + text,
	} {
		t.Run(name, func(t *testing.T) {
			c, err := parse("x", []byte(other), debian)
			require.NoError(t, err)
			require.Nil(t, Diff(plain, c))
		})
	}
}

func TestAFileThatCannotBeReadIsAFault(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorContains(t, err, "none.yaml: cannot open the file: no such file or directory")
	_, err = Load(t.TempDir())
	require.ErrorContains(t, err, ": cannot read the file: is a directory")
	require.IsType(t, Faults{}, err)
}

func TestATextThatIsTooLargeOrDeepIsRefusedAtOnce(t *testing.T) {
	_, err := Parse("x", make([]byte, textMax+1))
	require.ErrorContains(t, err, "x:1:1: the file is larger than 16 MiB")
	for _, deep := range []string{"[", "{a: ", "- ", "? "} {
		_, err = Parse("x", []byte(strings.Repeat(deep, 100_000)))
		require.ErrorContains(t, err, "nested more than 32 deep", deep)
	}
	_, err = Parse("x", []byte("data: a\nsip: b\xffc"))
	require.EqualError(t, err, "x:2:7: a byte that is not UTF-8: save the file as UTF-8")
}

func TestTLSIsListenedToWithACertificateAndConnectedToWithout(t *testing.T) {
	c, err := Parse("x", []byte(with(`sip: {listen: ["tls:[::1]:5061"], tls: {cert: us.pem, key: us.key}}`+
		"\n\ntrunks: [{id: t, address: 'sip:sbc.example;transport=tls'}]")))
	require.NoError(t, err)
	require.Equal(t, []string{"tls:[::1]:5061"}, c.SIP.Listen)
	require.Equal(t, TLS{Cert: "us.pem", Key: "us.key"}, c.SIP.TLS)
	require.Equal(t, "sip:sbc.example;transport=tls", c.Trunks[0].Address)
	other := *c
	other.SIP.TLS.Cert = "new.pem"
	require.Equal(t, []string{`sip.tls.cert "us.pem" -> "new.pem"`}, NeedsRestart(c, &other))
}
