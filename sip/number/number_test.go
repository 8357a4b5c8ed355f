package number

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// forms are how carriers and phones write numbers.
var forms = []struct {
	uri  string
	want Number // the zero Number with invalid set: refused
	bad  bool
}{
	// E.164 and national digits.
	{uri: "sip:4008001234@10.0.0.1", want: Number{Number: "4008001234"}},
	{uri: "sip:+498912345@carrier.example", want: Number{Number: "+498912345", Global: true}},
	{uri: "sips:+498912345@carrier.example:5061", want: Number{Number: "+498912345", Global: true}},
	{uri: "SIP:+498912345@carrier.example", want: Number{Number: "+498912345", Global: true}},
	{uri: "sip:%2B498912345@carrier.example", want: Number{Number: "+498912345", Global: true}},
	{uri: "sip:00498912345@carrier.example", want: Number{Number: "00498912345"}},
	{uri: "sip:008912345@carrier.example;user=phone", want: Number{Number: "008912345"}},
	{uri: "sip:+498912345@carrier.example;user=phone", want: Number{Number: "+498912345", Global: true}},
	{uri: "sip:+498912345@[2001:db8::1]:5060;transport=tcp", want: Number{Number: "+498912345", Global: true}},
	{uri: "sip:+498912345:secret@carrier.example", want: Number{Number: "+498912345", Global: true}},
	{uri: "sip:1@h", want: Number{Number: "1"}},
	// Visual separators (RFC 3966 5.1.1).
	{uri: "tel:+49-89-12345", want: Number{Number: "+498912345", Global: true}},
	{uri: "tel:+1(201)555.0123", want: Number{Number: "+12015550123", Global: true}},
	{uri: "tel:+1-201-555-0123", want: Number{Number: "+12015550123", Global: true}},
	{uri: "sip:+1-201-555-0123@gw.example;user=phone", want: Number{Number: "+12015550123", Global: true}},
	{uri: "sip:(089)%20123%2045@gw.example", want: Number{Number: "08912345"}},
	{uri: "sip:%28089%2912345@gw.example", want: Number{Number: "08912345"}},
	{uri: "TEL:+498912345", want: Number{Number: "+498912345", Global: true}},
	// Local numbers and their context.
	{uri: "tel:7042;phone-context=example.com", want: Number{Number: "7042", Context: "example.com"}},
	{uri: "tel:7042;PHONE-CONTEXT=Example.COM", want: Number{Number: "7042", Context: "example.com"}},
	{uri: "tel:863-1234;phone-context=+1-914-555", want: Number{Number: "8631234", Context: "+1914555"}},
	{uri: "sip:7042;phone-context=+49@gw.example;user=phone", want: Number{Number: "7042", Context: "+49"}},
	{uri: "sip:8001@gw.example;phone-context=pbx.example", want: Number{Number: "8001", Context: "pbx.example"}},
	{uri: "tel:7042", want: Number{Number: "7042"}},
	// Number portability (RFC 4694), subaddress, extension, carrier selection.
	{uri: "sip:+498912345;npdi@gw.example;user=phone", want: Number{Number: "+498912345", Global: true, Dipped: true}},
	{uri: "sip:+12025550123;npdi;rn=+12025550199@gw.example", want: Number{Number: "+12025550123", Global: true, Dipped: true, Routing: "+12025550199"}},
	{uri: "sip:+12025550123;rn=+1-202-555-0199;npdi@gw.example;user=phone", want: Number{Number: "+12025550123", Global: true, Dipped: true, Routing: "+12025550199"}},
	{uri: "sip:+498912345@gw.example;npdi;rn=+49199D029", want: Number{Number: "+498912345", Global: true, Dipped: true, Routing: "+49199D029"}},
	{uri: "tel:+12025550123;npdi;rn=2025550199;rn-context=+1", want: Number{Number: "+12025550123", Global: true, Dipped: true, Routing: "2025550199"}},
	{uri: "sip:+498912345;isub=1411@gw.example;user=phone", want: Number{Number: "+498912345", Global: true, Subaddr: "1411"}},
	{uri: "tel:+498912345;isub=12%2F34", want: Number{Number: "+498912345", Global: true, Subaddr: "12/34"}},
	{uri: "tel:+498912345;ext=678", want: Number{Number: "+498912345", Global: true, Ext: "678"}},
	{uri: "tel:+498912345;cic=+1-6789", want: Number{Number: "+498912345", Global: true}},
	{uri: "tel:+498912345;postd=pp22", want: Number{Number: "+498912345", Global: true}},
	{uri: "sip:+498912345;cpc=ordinary;oli=00@gw.example", want: Number{Number: "+498912345", Global: true}},
	{uri: "sip:+498912345;;npdi@gw.example", want: Number{Number: "+498912345", Global: true, Dipped: true}},
	// Feature codes and names.
	{uri: "sip:*51@pbx.example", want: Number{Number: "*51"}},
	{uri: "sip:*5201@pbx.example", want: Number{Number: "*5201"}},
	{uri: "sip:%2A51@pbx.example", want: Number{Number: "*51"}},
	{uri: "sip:*21*08912345#@pbx.example", want: Number{Number: "*21*08912345#"}},
	{uri: "sip:*21*08912345%23@pbx.example", want: Number{Number: "*21*08912345#"}},
	{uri: "tel:*51;phone-context=pbx.example", want: Number{Number: "*51", Context: "pbx.example"}},
	{uri: "sip:alice@pbx.example", want: Number{Number: "alice", Name: true}},
	{uri: "sip:alice.smith@pbx.example", want: Number{Number: "alice.smith", Name: true}},
	{uri: "sip:front-desk_2@pbx.example", want: Number{Number: "front-desk_2", Name: true}},
	{uri: "sip:%61lice@pbx.example", want: Number{Number: "alice", Name: true}},
	{uri: "sip:a8001@pbx.example;user=phone", want: Number{Number: "a8001", Name: true}},
	// Withheld and absent.
	{uri: "sip:anonymous@anonymous.invalid", want: Number{Anonymous: true}},
	{uri: "sip:Anonymous@carrier.example", want: Number{Anonymous: true}},
	{uri: "sip:anonymous@anonymous.invalid;user=phone", want: Number{Anonymous: true}},
	{uri: "sip:anonymous@10.0.0.1:5060", want: Number{Anonymous: true}},
	{uri: "sip:c8oqz84zk7z@anonymous.invalid", want: Number{Anonymous: true}},
	{uri: "sip:anonymous.invalid", want: Number{Anonymous: true}},
	{uri: "sip:Restricted@carrier.example", want: Number{Anonymous: true}},
	{uri: "sip:unavailable@unknown.invalid", want: Number{Anonymous: true}},
	{uri: "sip:unknown@carrier.example", want: Number{Anonymous: true}},
	{uri: "sip:carrier.example", want: Number{}},
	{uri: "sip:@carrier.example", want: Number{}},
	{uri: "sip:10.0.0.1:5060;transport=udp", want: Number{}},
	// What must not be taken for a number.
	{uri: "", bad: true},
	{uri: "4008001234", bad: true},
	{uri: "http:4008001234", bad: true},
	{uri: "tel:", want: Number{}, bad: true},
	{uri: "tel:alice", bad: true},
	{uri: "sip:+@h", bad: true},
	{uri: "sip:++498912345@h", bad: true},
	{uri: "sip:49+8912345@h", bad: true},
	{uri: "sip:---@h", bad: true},
	{uri: "sip:500&PJSIP%2Fitsp%2F14165551212@h", bad: true},
	{uri: "sip:500&PJSIP/itsp/14165551212@h", bad: true},
	{uri: "sip:500,1@h", bad: true},
	{uri: "sip:500%2C1@h", bad: true},
	{uri: "sip:%3Bid@h", bad: true},
	{uri: "sip:$(id)@h", bad: true},
	{uri: "sip:..%2F..%2Fetc@h", bad: true},
	{uri: "sip:500%00@h", bad: true},
	{uri: "sip:500%0d%0aVia:@h", bad: true},
	{uri: "sip:%2542@h", bad: true}, // escaped twice
	{uri: "sip:500%2@h", bad: true},
	{uri: "sip:500%zz@h", bad: true},
	{uri: "sip:%D9%A1%D9%A2%D9%A3@h", bad: true}, // Arabic digits
	{uri: "sip:al%20ice@h", bad: true},
	{uri: "sip:sips%3Auser%40example.com@example.net", bad: true}, // RFC 4475 3.1.1.3: a user, but no number
	{uri: "tel:+498912345;rn=", bad: true},
	{uri: "tel:+498912345;rn=x;npdi", bad: true},
	{uri: "tel:7042;phone-context=exa%20mple", bad: true},
	{uri: "sip:" + strings.Repeat("1", MaxLen+1) + "@h", bad: true},
	{uri: "sip:" + strings.Repeat("%31", MaxLen+1) + "@h", bad: true},
}

func TestParseKnowsTheFormsInUse(t *testing.T) {
	require.GreaterOrEqual(t, len(forms), 60)
	for _, f := range forms {
		got, err := Parse(f.uri)
		if f.bad {
			require.ErrorIs(t, err, ErrInvalid, f.uri)
			require.Zero(t, got.Number, f.uri)
			continue
		}
		require.NoError(t, err, f.uri)
		require.Equal(t, f.want, got, f.uri)
	}
}

func TestParseRefusesTooManyParameters(t *testing.T) {
	_, err := Parse("tel:+49" + strings.Repeat(";a", maxParams))
	require.NoError(t, err)
	_, err = Parse("tel:+49" + strings.Repeat(";a", maxParams+1))
	require.ErrorIs(t, err, ErrInvalid)
}

func TestEqualLeavesOutThePlusOnly(t *testing.T) {
	require.True(t, Equal("+498912345", "498912345"))
	require.True(t, Equal("498912345", "+498912345"))
	require.True(t, Equal("*51", "*51"))
	require.False(t, Equal("498912345", "08912345"))
	require.False(t, Equal("Alice", "alice"))
	require.False(t, Equal("", ""))
	require.False(t, Equal("+", ""))
}

func TestNormaliseIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[+0-9a-zA-Z*#().%_; -]{0,20}`).Draw(t, "user")
		once, err := Normalise(s)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		again, err := Normalise(once)
		require.NoError(t, err)
		require.Equal(t, once, again)
	})
}

// harmless is what any number that gets out must be made of.
func harmless(t *testing.T, s string) {
	for i := range len(s) {
		ok := isAlphanumeric(s[i]) || strings.IndexByte("*#-_.", s[i]) >= 0 || s[i] == '+' && i == 0
		require.True(t, ok, "%q", s)
	}
	require.LessOrEqual(t, len(s), MaxLen)
}

func FuzzParse(f *testing.F) {
	for _, form := range forms {
		f.Add(form.uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		n, err := Parse(uri)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalid)
			return
		}
		harmless(t, n.Number)
		harmless(t, n.Routing)
		harmless(t, n.Ext)
		if n.Number != "" {
			again, err := Normalise(n.Number)
			require.NoError(t, err)
			require.Equal(t, n.Number, again)
			require.False(t, n.Anonymous)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("sip:+1-201-555-0123;npdi@gw.example;user=phone"); err != nil {
			b.Fatal(err)
		}
	}
}
