package demo

import (
	"context"
	"math"
	"sync/atomic"
	"time"

	"switchroom/media"
	"switchroom/media/g711"
	"switchroom/media/tone"
)

const (
	// loudSample is the value above which a sample is somebody's sound, some
	// -50 dBm0.
	loudSample = 70
	// pause is how long a line is quiet before the other may speak.
	pause = 450 * time.Millisecond
	// insist is how long one waits for a reply before going on by oneself.
	insist = 2500 * time.Millisecond
	// glance is how often a party looks whether it is its turn.
	glance = 40 * time.Millisecond
)

// party is one end of a call: it hears what comes by RTP and speaks.
type party struct {
	voice   voice
	session *media.Session
	leg     *media.Leg
	loudAt  atomic.Int64  // media.Now of the last sound; 0: none yet
	spoken  chan struct{} // a sentence has been said
}

var (
	_ media.Tap    = (*party)(nil)
	_ media.Events = (*party)(nil)
)

// newParty opens the media of one end.
func newParty(engine *media.Engine, v voice) (*party, error) {
	p := &party{voice: v, spoken: make(chan struct{}, 1)}
	p.session = engine.NewSession(p)
	leg, err := p.session.NewLeg(media.Caller)
	if err != nil {
		p.session.Close()
		return nil, err
	}
	p.leg = leg
	p.session.Tap(p)
	p.hush()
	return p, nil
}

// quietLine is what a telephone sends while nobody speaks into it.
var quietLine = media.NewClip(tone.Comfort(time.Second, -68, 1))

func (p *party) hush() { p.session.Play(p.leg, quietLine, true) }

// Frame listens. It is called on the media loop.
func (p *party) Frame(f *media.Frame) {
	for _, octet := range f.Payload {
		sample := g711.ULawSample(octet)
		if f.Codec == media.PCMA {
			sample = g711.ALawSample(octet)
		}
		if math.Abs(float64(sample)) > loudSample {
			p.loudAt.Store(f.Arrival)
			return
		}
	}
}

// MediaEvent notes the end of a sentence. It is called on the media loop.
func (p *party) MediaEvent(e media.Event) {
	if e.Kind != media.PlayEnded {
		return
	}
	p.hush()
	select {
	case p.spoken <- struct{}{}:
	default:
	}
}

// converse takes part in a conversation until ctx ends, or until it has said
// `turns` sentences; 0: it goes on. Who opens speaks first; the other speaks
// after having heard a pause, which music on hold doesn't have.
func (p *party) converse(ctx context.Context, opens bool, turns int) {
	look := time.NewTicker(glance)
	defer look.Stop()
	said, speaking := 0, false
	silentSince := media.Now()
	speak := func() {
		p.session.Play(p.leg, media.NewClip(p.voice.say(said)), false)
		said, speaking = said+1, true
	}
	if opens {
		speak()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.spoken:
			speaking, silentSince = false, media.Now()
			if said == turns {
				return
			}
		case <-look.C:
			now, loudAt := media.Now(), p.loudAt.Load()
			answered := loudAt > silentSince && now-loudAt > int64(pause)
			ignored := said > 0 && loudAt <= silentSince && now-silentSince > int64(insist)
			if !speaking && (answered || ignored) {
				speak()
			}
		}
	}
}

// close ends the media.
func (p *party) close() { p.session.Close() }
