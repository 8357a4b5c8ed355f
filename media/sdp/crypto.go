package sdp

import (
	"strconv"
	"strings"

	pion "github.com/pion/sdp/v3"

	"switchroom/media"
)

// Security says whether an audio stream's packets are protected (SRTP with keys
// in the description, RFC 4568). Keys in a description are as secret as the
// description's way: without TLS it is for Plain only.
type Security uint8

const (
	Plain    Security = iota // keys are neither offered nor taken
	Optional                 // protected if the peer can
	Required                 // protected, or nothing
)

// Key is a key of ours for one suite.
type Key struct {
	Suite  media.Suite
	Secret media.Secret
}

// offered are the suites of our offers, in order of preference; the others are
// accepted. A GCM suite costs a third of the others, but the first is what every
// phone can, and some refuse an offer whose first line they don't know.
var offered = []media.Suite{media.AES128CM80, media.AES128GCM, media.AES128CM32}

// accepted are the suites that an offer of a peer's may have.
var accepted = append(offered[:len(offered):len(offered)], media.AES256CM80, media.AES256CM32, media.AES256GCM)

// NewKeys draws our keys for one session: one for each suite. They last until the
// peer changes its own: then both sides begin anew, and ours have to be new too.
func NewKeys() []Key {
	keys := make([]Key, len(accepted))
	for i, s := range accepted {
		keys[i] = Key{s, media.NewSecret(s)}
	}
	return keys
}

// crypto is a crypto line of a peer's that we can use.
type crypto struct {
	tag    string
	suite  media.Suite
	secret media.Secret
}

// cryptosMax bounds the crypto lines kept of a stream.
const cryptosMax = 16

// crypto reads "1 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^31 WSH=128". What we
// can't do is passed over, for the next line may be one that we can: other
// suites, key derivation rates, several master keys and key identifiers, and
// whatever turns a part of the protection off. The lifetime is not looked at:
// the shortest that is in use lasts a call of five hours, after which it is for
// the peer to draw a new key.
func (a *audio) crypto(value string) {
	fields := strings.Fields(value)
	if len(fields) < 3 || len(a.cryptos) == cryptosMax || len(fields[0]) > 9 {
		return
	}
	if _, err := strconv.ParseUint(fields[0], 10, 32); err != nil {
		return
	}
	suite, known := media.ParseSuite(fields[1])
	method, params, _ := strings.Cut(fields[2], ":")
	if !known || !strings.EqualFold(method, "inline") || strings.Contains(params, ";") {
		return
	}
	inline, rest, _ := strings.Cut(params, "|")
	if strings.Contains(rest, ":") {
		return // a key identifier, which each packet would carry
	}
	for _, p := range fields[3:] {
		// RFC 4568, section 6.3.7: a leading "-" says that it may be passed over.
		if !strings.HasPrefix(p, "-") && p != "KDR=0" && !strings.HasPrefix(p, "WSH=") {
			return
		}
	}
	if secret, err := media.ParseSecret(suite, inline); err == nil {
		a.cryptos = append(a.cryptos, crypto{fields[0], suite, secret})
	}
}

// secured is whether the transport is one of protected packets.
func (s *stream) secured() bool { return s.proto == "RTP/SAVP" || s.proto == "RTP/SAVPF" }

// keys settles the protection with a peer's stream: the zero keys mean none, and
// tag is of the line that was chosen. In an answer the line must be one that we
// offered.
func (s *stream) keys(l Local, answer bool) (keys media.Keys, tag string, err error) {
	if l.Security != Plain {
		for _, c := range s.audio.cryptos {
			for i, own := range l.Keys {
				if own.Suite == c.suite && (!answer || c.tag == tagOf(i) && i < len(offered)) {
					return media.Keys{Suite: c.suite, Local: own.Secret, Remote: c.secret}, c.tag, nil
				}
			}
		}
	}
	if s.secured() || l.Security == Required {
		return media.Keys{}, "", ErrSecurity
	}
	return media.Keys{}, "", nil
}

// tagOf is the tag of our i-th key in our offers.
func tagOf(i int) string { return strconv.Itoa(i + 1) }

// cryptoLines are those of an offer of ours.
func (l Local) cryptoLines() []pion.Attribute {
	if l.Security == Plain {
		return nil
	}
	var lines []pion.Attribute
	for i, k := range l.Keys[:min(len(offered), len(l.Keys))] {
		lines = append(lines, cryptoLine(tagOf(i), k.Suite, k.Secret))
	}
	return lines
}

func cryptoLine(tag string, s media.Suite, k media.Secret) pion.Attribute {
	return pion.NewAttribute("crypto", tag+" "+s.String()+" inline:"+k.Inline())
}
