package auth

import (
	"strings"
	"testing"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/require"
)

var invite = Outgoing{Method: "INVITE", URI: "sip:+4989@carrier.example"}

func client() *Client {
	return NewClient(Credentials{Username: "trunk", Password: "pw"}, cnonce)
}

func TestTheStrongestChallengeIsAnswered(t *testing.T) {
	for want, challenges := range map[string][]string{
		"algorithm=SHA-256,": {
			`Digest realm="c", nonce="1", algorithm=MD5, qop="auth"`,
			`Digest realm="c", nonce="2", algorithm=SHA-256, qop="auth"`,
			`Digest realm="c", nonce="3", algorithm=SHA-1024, qop="auth"`,
		},
		"algorithm=SHA-512-256,": {
			`Digest realm="c", nonce="1", algorithm=SHA-256, qop="auth", Digest realm="c", nonce="2",algorithm=SHA-512-256,qop="auth"`,
		},
		"qop=auth,":     {`Digest realm="c", nonce="1", qop="auth-int , auth"`},
		"qop=auth-int,": {`Digest realm="c", nonce="1", qop="auth-int"`},
	} {
		value, err := client().Answer(&Attempt{}, invite, challenges)
		require.NoError(t, err)
		require.Contains(t, value+",", want)
	}
}

// What we answer is what another implementation would, for each algorithm and
// qop that it knows.
func TestAnswersAreThoseOfAnotherImplementation(t *testing.T) {
	for _, algorithm := range []string{"", ", algorithm=MD5", ", algorithm=SHA-256", ", algorithm=SHA-512-256"} {
		for _, qop := range []string{"", `, qop="auth"`} {
			text := `Digest realm="carrier", nonce="dcd98b7102dd", opaque="5ccc"` + algorithm + qop
			ours, err := client().Answer(&Attempt{}, invite, []string{text})
			require.NoError(t, err)
			challenge, err := digest.ParseChallenge(text)
			require.NoError(t, err)
			theirs, err := digest.Digest(challenge, digest.Options{
				Method: "INVITE", URI: invite.URI, Username: "trunk", Password: "pw", Cnonce: "0a4f113b", Count: 1,
			})
			require.NoError(t, err)
			got, err := digest.ParseCredentials(ours)
			require.NoError(t, err)
			want, err := digest.ParseCredentials(theirs.String())
			require.NoError(t, err)
			require.Equal(t, want, got, text)
		}
	}
}

// RFC 7616 3.9.1.
func TestTheExampleOfRFC7616(t *testing.T) {
	c := NewClient(Credentials{Username: "Mufasa", Password: "Circle of Life"},
		func() string { return "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" })
	o := Outgoing{Method: "GET", URI: "/dir/index.html"}
	for algorithm, want := range map[string]string{
		"SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
		"MD5":     "8ca523f5e9506fed4657c9700eebdbec",
	} {
		value, err := c.Answer(&Attempt{}, o, []string{`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=` +
			algorithm + `, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`})
		require.NoError(t, err)
		require.Contains(t, value, `response="`+want+`"`)
	}
}

func TestOneAnswerARequestAndASecondWhenStale(t *testing.T) {
	fresh := []string{`Digest realm="c", nonce="1", qop="auth"`}
	stale := []string{`Digest realm="c", nonce="2", qop="auth", stale=TRUE`}
	c := client()
	var a Attempt
	_, err := c.Answer(&a, invite, fresh)
	require.NoError(t, err)
	_, err = c.Answer(&a, invite, stale)
	require.NoError(t, err)
	_, err = c.Answer(&a, invite, stale)
	require.ErrorIs(t, err, ErrRefused)

	a = Attempt{}
	_, err = c.Answer(&a, invite, fresh)
	require.NoError(t, err)
	_, err = c.Answer(&a, invite, fresh)
	require.ErrorIs(t, err, ErrRefused)
	require.Empty(t, c.Again(invite), "what was refused is not offered again")
}

func TestOnlyOneRealmIsAnswered(t *testing.T) {
	c := client()
	_, err := c.Answer(&Attempt{}, invite, []string{`Digest realm="carrier", nonce="1", qop="auth"`})
	require.NoError(t, err)
	_, err = c.Answer(&Attempt{}, invite, []string{`Digest realm="thief", nonce="1", qop="auth"`})
	require.ErrorIs(t, err, ErrRealm)
	c = NewClient(Credentials{Username: "u", Password: "p", Realm: "carrier"}, cnonce)
	_, err = c.Answer(&Attempt{}, invite, []string{`Digest realm="Carrier", nonce="1", qop="auth"`})
	require.ErrorIs(t, err, ErrRealm)
	value, err := c.Answer(&Attempt{}, invite, []string{`Digest realm="thief", nonce="1", qop="auth"`,
		`Digest realm="carrier", nonce="2", qop="auth"`})
	require.NoError(t, err)
	require.Contains(t, value, `realm="carrier", nonce="2"`)
}

func TestWhatCannotBeAnsweredIsNot(t *testing.T) {
	for _, challenge := range []string{
		"", "Basic realm=\"c\"", `Digest realm="c"`, `Digest realm="c", nonce="1", algorithm=SHA-1, qop="auth"`,
		`Digest realm="c", nonce="1", qop="token"`, `Digest realm="c", nonce="1", nonce="2", qop="auth"`,
		"Digest realm=\"c\r\nX: y\", nonce=\"1\"", `Digest realm="c", nonce="`,
	} {
		_, err := client().Answer(&Attempt{}, invite, []string{challenge})
		require.ErrorIs(t, err, ErrNoChallenge, "%q", challenge)
	}
	c := NewClient(Credentials{Username: "a\"b", Password: "p"}, cnonce)
	_, err := c.Answer(&Attempt{}, invite, []string{`Digest realm="c", nonce="1", qop="auth"`})
	require.ErrorIs(t, err, ErrNoChallenge)
}

func TestSessionAlgorithmsAreAnswered(t *testing.T) {
	value, err := client().Answer(&Attempt{}, invite, []string{`Digest realm="c", nonce="n", algorithm=MD5-sess, qop="auth"`})
	require.NoError(t, err)
	ha1 := algMD5.hash(algMD5.hash("trunk", "c", "pw"), "n", cnonce())
	want := algMD5.hash(ha1, "n", "00000001", cnonce(), "auth", algMD5.hash("INVITE", invite.URI))
	require.Contains(t, value, want)
	require.Contains(t, value, "algorithm=MD5-sess")
}

func TestAuthIntCoversTheBody(t *testing.T) {
	o := invite
	o.Body = []byte("v=0\r\n")
	value, err := client().Answer(&Attempt{}, o, []string{`Digest realm="c", nonce="n", qop="auth-int"`})
	require.NoError(t, err)
	ha2 := algMD5.hash("INVITE", o.URI, algMD5.hash("v=0\r\n"))
	require.Contains(t, value, algMD5.hash(algMD5.hash("trunk", "c", "pw"), "n", "00000001", cnonce(), "auth-int", ha2))
}

func FuzzAnswer(f *testing.F) {
	f.Add(`Digest realm="c", nonce="1", qop="auth-int,auth", opaque="x", Digest realm="d", nonce="2"`)
	f.Add(`Digest realm="c\"d", nonce="1", stale=true`)
	f.Fuzz(func(t *testing.T, challenge string) {
		value, err := client().Answer(&Attempt{}, invite, []string{challenge})
		if err != nil {
			require.ErrorIs(t, err, ErrNoChallenge)
			return
		}
		require.False(t, strings.ContainsAny(value, "\r\n\x00"), "%q", value)
		_, err = parseFields(value)
		require.NoError(t, err, "%q", value)
	})
}
