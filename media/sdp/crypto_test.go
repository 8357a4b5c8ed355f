package sdp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"switchroom/media"
)

// secret is a fixed key of 30 octets, and theirs is a crypto line with it.
const (
	inline30 = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz" // RFC 4568, section 5.1's
	theirs   = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + inline30
)

func secured(s Security) Local {
	l := ours()
	l.Security, l.Keys = s, NewKeys()
	return l
}

func cryptoOf(t *testing.T, text string) []string {
	t.Helper()
	var found []string
	for line := range strings.SplitSeq(text, "\r\n") {
		if strings.HasPrefix(line, "a=crypto:") {
			found = append(found, line)
		}
	}
	return found
}

func lineOf(tag string, k Key) string {
	return fmt.Sprintf("a=crypto:%s %s inline:%s", tag, k.Suite, k.Secret.Inline())
}

func TestOfferHasKeysAsFarAsItIsMeantTo(t *testing.T) {
	require.Empty(t, cryptoOf(t, string(Offer(secured(Plain)))))
	for s, proto := range map[Security]string{Optional: "RTP/AVP", Required: "RTP/SAVP"} {
		l := secured(s)
		text := string(Offer(l))
		require.Contains(t, text, "m=audio 16400 "+proto+" 0 8 101\r\n")
		require.Equal(t, []string{lineOf("1", l.Keys[0]), lineOf("2", l.Keys[1]), lineOf("3", l.Keys[2])}, cryptoOf(t, text))
		require.Equal(t, media.AES128CM80, l.Keys[0].Suite)
	}
}

func TestAnswerTakesTheFirstUsableKey(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		tag   string
		suite media.Suite
	}{
		"RTP/SAVP":                    {[]string{"m=audio 49170 RTP/SAVP 0", theirs}, "1", media.AES128CM80},
		"RTP/AVP with a key":          {[]string{"m=audio 49170 RTP/AVP 0", theirs}, "1", media.AES128CM80},
		"RTP/SAVPF":                   {[]string{"m=audio 49170 RTP/SAVPF 0", theirs}, "1", media.AES128CM80},
		"lifetime and window":         {[]string{"m=audio 49170 RTP/SAVP 0", theirs + "|2^20 WSH=128 KDR=0 -NOISE=1"}, "1", media.AES128CM80},
		"unknown suite first":         {[]string{"m=audio 49170 RTP/SAVP 0", "a=crypto:1 F8_128_HMAC_SHA1_80 inline:" + inline30, "a=crypto:44 AES_CM_128_HMAC_SHA1_32 inline:" + inline30}, "44", media.AES128CM32},
		"key with an identifier":      {[]string{"m=audio 49170 RTP/SAVP 0", theirs + "|2^20|1:4", "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" + inline30}, "2", media.AES128CM80},
		"two keys in one":             {[]string{"m=audio 49170 RTP/SAVP 0", theirs + ";inline:" + inline30, "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" + inline30}, "2", media.AES128CM80},
		"protection in parts":         {[]string{"m=audio 49170 RTP/SAVP 0", theirs + " UNENCRYPTED_SRTP", "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" + inline30 + " UNAUTHENTICATED_SRTP", "a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:" + inline30}, "3", media.AES128CM80},
		"a key too short":             {[]string{"m=audio 49170 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA", "a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" + inline30}, "2", media.AES128CM80},
		"the protected stream of two": {[]string{"m=audio 49168 RTP/AVP 0", "m=audio 49170 RTP/SAVP 0", theirs}, "1", media.AES128CM80},
		"GCM":                         {[]string{"m=audio 49170 RTP/SAVP 0", "a=crypto:7 AEAD_AES_256_GCM inline:" + media.NewSecret(media.AES256GCM).Inline()}, "7", media.AES256GCM},
	} {
		for _, s := range []Security{Optional, Required} {
			l := secured(s)
			text, p := answer(t, offer(c.lines...), l)
			require.Equal(t, c.suite, p.SRTP.Suite, name)
			var own Key
			for _, k := range l.Keys {
				if k.Suite == c.suite {
					own = k
				}
			}
			require.Equal(t, own.Secret, p.SRTP.Local, name)
			require.Equal(t, []string{lineOf(c.tag, own)}, cryptoOf(t, text), name)
			require.EqualValues(t, 49170, p.Remote.Port(), name)
			if c.suite != media.AES256GCM {
				require.Equal(t, inline30, p.SRTP.Remote.Inline(), name)
			}
		}
	}
}

func TestProtectionIsRefusedWhereItIsNotMeantToBe(t *testing.T) {
	plain, safe, both := offer("m=audio 49170 RTP/AVP 0"), offer("m=audio 49170 RTP/SAVP 0", theirs), offer("m=audio 49170 RTP/AVP 0", theirs)
	_, _, err := Answer(parse(t, safe), secured(Plain))
	require.ErrorIs(t, err, ErrSecurity)
	code, _ := Warning(err)
	require.Equal(t, 302, code)
	_, _, err = Answer(parse(t, plain), secured(Required))
	require.ErrorIs(t, err, ErrSecurity)
	_, _, err = Answer(parse(t, offer("m=audio 49170 RTP/SAVP 0")), secured(Optional))
	require.ErrorIs(t, err, ErrSecurity, "no key at all")
	text, p := answer(t, both, secured(Plain))
	require.Zero(t, p.SRTP)
	require.Empty(t, cryptoOf(t, text))
	text, p = answer(t, plain, secured(Optional))
	require.Zero(t, p.SRTP)
	require.Empty(t, cryptoOf(t, text))
}

func TestAcceptTakesAKeyThatWasOffered(t *testing.T) {
	key := func(tag string, s media.Suite) string {
		return fmt.Sprintf("a=crypto:%s %s inline:%s", tag, s, media.NewSecret(s).Inline())
	}
	l := secured(Optional)
	p, err := Accept(l, parse(t, offer("m=audio 49170 RTP/AVP 0", key("2", media.AES128GCM))))
	require.NoError(t, err)
	require.Equal(t, media.AES128GCM, p.SRTP.Suite)
	require.Equal(t, l.Keys[1].Secret, p.SRTP.Local)
	p, err = Accept(l, parse(t, offer("m=audio 49170 RTP/AVP 0")))
	require.NoError(t, err)
	require.Zero(t, p.SRTP, "a peer that can't")
	l.Security = Required
	for _, line := range []string{key("1", media.AES128GCM), key("9", media.AES128CM80), key("4", media.AES256CM80), "a=crypto:1 x"} {
		_, err = Accept(l, parse(t, offer("m=audio 49170 RTP/SAVP 0", line)))
		require.ErrorIs(t, err, ErrSecurity, line)
	}
	_, err = Accept(l, parse(t, offer("m=audio 49170 RTP/AVP 0")))
	require.ErrorIs(t, err, ErrSecurity)
	l.Security = Plain
	_, err = Accept(l, parse(t, offer("m=audio 49170 RTP/SAVP 0", key("1", media.AES128CM80))))
	require.ErrorIs(t, err, ErrSecurity)
}

func TestReofferKeepsTransportAndKeys(t *testing.T) {
	for _, proto := range []string{"RTP/AVP", "RTP/SAVP", "RTP/SAVPF"} {
		l := secured(Required)
		text := string(Reoffer(l, parse(t, offer("m=audio 49170 "+proto+" 0", theirs))))
		require.Contains(t, text, "m=audio 16400 "+proto+" ")
		require.Equal(t, lineOf("1", l.Keys[0]), cryptoOf(t, text)[0])
	}
}
