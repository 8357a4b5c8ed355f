package sdp

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	pion "github.com/pion/sdp/v3"
)

func seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.sdp")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(offer("m=audio 49170 RTP/AVP 97 0 8 13 101", "a=rtpmap:97 PCMA/8000", "a=rtpmap:101 telephone-event/8000", "a=ptime:30", "a=rtcp:5001 IN IP4 192.0.2.7", "a=sendonly")))
	f.Add([]byte(offer("m=image 4000 udptl t38", "m=audio 49170/2 RTP/AVPF 0", "c=IN IP4 0.0.0.0")))
}

// FuzzExchange: whatever is parsed is answered validly or not at all, and can
// be offered anew.
func FuzzExchange(f *testing.F) {
	seeds(f)
	f.Add([]byte(offer("m=audio 49170 RTP/SAVP 0", theirs+"|2^20|1:4 WSH=64", "a=crypto:2 AEAD_AES_128_GCM inline:x")))
	f.Add([]byte(offer("m=audio 49168 RTP/AVP 0", "m=audio 49170 RTP/SAVPF 8", theirs)))
	l := secured(Optional)
	l.CN = true
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Parse(body)
		if err != nil {
			return
		}
		text, p, err := Answer(d, l)
		if err == nil {
			checkParams(t, p.Remote)
			back, err := Parse(text)
			if err != nil {
				t.Fatalf("our own answer: %v\n%s", err, text)
			}
			if len(back.streams) != len(d.streams) {
				t.Fatalf("%d streams offered, %d answered", len(d.streams), len(back.streams))
			}
			if p.Send && !p.Remote.IsValid() {
				t.Fatal("sends nowhere")
			}
			if (p.SRTP.Suite != 0) != (len(cryptosOf(back)) > 0) {
				t.Fatalf("keys agreed and not told, or told and not agreed:\n%s", text)
			}
		}
		again, err := Parse(Reoffer(l, d))
		if err != nil {
			t.Fatalf("our own offer: %v", err)
		}
		if len(d.streams) > 0 && len(again.streams) != len(d.streams) {
			t.Fatal("a stream was lost in the new offer")
		}
		if p, err := Accept(l, d); err == nil {
			checkParams(t, p.Remote)
		}
	})
}

// cryptosOf are the usable crypto lines of a description.
func cryptosOf(d *Description) (all []crypto) {
	for _, s := range d.streams {
		if s.audio != nil {
			all = append(all, s.audio.cryptos...)
		}
	}
	return all
}

func checkParams(t *testing.T, remote netip.AddrPort) {
	if remote.IsValid() && (!unicast(remote.Addr()) || remote.Port() < portMin) {
		t.Fatalf("media to %s", remote)
	}
}

// FuzzAgainstPion: within our limits we read everything that pion reads, and
// see the same streams in it.
func FuzzAgainstPion(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Parse(body)
		if err != nil {
			return
		}
		var reference pion.SessionDescription
		if reference.Unmarshal(body) != nil {
			return
		}
		if len(reference.MediaDescriptions) != len(d.streams) {
			t.Fatalf("pion sees %d streams, we %d", len(reference.MediaDescriptions), len(d.streams))
		}
		for i, m := range reference.MediaDescriptions {
			if m.MediaName.Media != d.streams[i].media || m.MediaName.Port.Value != int(d.streams[i].port) {
				t.Fatalf("stream %d: pion sees %s %d, we %s %d", i, m.MediaName.Media, m.MediaName.Port.Value, d.streams[i].media, d.streams[i].port)
			}
		}
	})
}

func BenchmarkAnswer(b *testing.B) {
	body := []byte(offer("m=audio 49170 RTP/AVP 18 8 0 101", "a=rtpmap:18 G729/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20"))
	b.ReportAllocs()
	for b.Loop() {
		d, err := Parse(body)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := Answer(d, ours()); err != nil {
			b.Fatal(err)
		}
	}
}
