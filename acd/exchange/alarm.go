package exchange

import (
	"slices"
	"sync"
	"time"

	"switchroom/acd"
	"switchroom/media"
	"switchroom/recording"

	"go.uber.org/zap"
)

// faults are the troubles that stand, in words.
type faults struct {
	mu    sync.Mutex
	words map[string]string // by kind
}

// set begins or ends a trouble and tells whether it stood before.
func (f *faults) set(kind, text string, on bool) (was bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, was = f.words[kind]
	if f.words == nil {
		f.words = map[string]string{}
	}
	if on {
		f.words[kind] = text
	} else {
		delete(f.words, kind)
	}
	return was
}

func (f *faults) has(kind string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.words[kind]
	return ok
}

func (f *faults) list() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := []string{}
	for kind, text := range f.words {
		out = append(out, kind+": "+text)
	}
	slices.Sort(out)
	return out
}

// Alarm hears from the recordings that something is wrong, or right again.
func (x *Exchange) Alarm(a recording.Alarm) {
	kind := "recordings " + a.Trouble.String()
	x.faults.set(kind, a.Text, a.Raised)
	if a.Raised {
		x.log.Error("alarm", zap.String("kind", kind), zap.String("text", a.Text))
		return
	}
	x.log.Info("alarm over", zap.String("kind", kind))
}

// cannotRecord says why a call that must be recorded could not be; "" when it
// can. Where the queue's word is to refuse it, that is before it is anybody's.
func (x *Exchange) cannotRecord() string {
	switch {
	case x.faults.has("recordings " + recording.DiskFull.String()):
		return "disk-full"
	case x.faults.has("recordings " + recording.KeyMissing.String()):
		return "no-recording-key"
	}
	return ""
}

// foreignFor is how long an attack on the media counts as one after its last
// packets were told of.
const foreignFor = time.Minute

const mediaForeign = "media foreign"

// attacked hears that packets came to a call from a source that is not its
// party's, or that were not sealed with its keys. None was relayed or recorded:
// somebody tries, or a peer sends from elsewhere than it says.
func (x *Exchange) attacked(c *call, e media.Event) {
	x.foreignAt.Store(int64(x.clock.now().Mono))
	c.log.Warn("media packets from a foreign source dropped", zap.Uint64("packets", e.Count), zap.Stringer("side", e.Leg.Side()))
	x.faults.set(mediaForeign, "packets that are not a call's come to its ports and are dropped; the log names the calls", true)
}

// calm ends the alarm when nothing has come for a while.
func (x *Exchange) calm(now acd.Instant) {
	if x.faults.has(mediaForeign) && now.Mono-time.Duration(x.foreignAt.Load()) > foreignFor {
		x.faults.set(mediaForeign, "", false)
		x.log.Info("alarm over", zap.String("kind", mediaForeign))
	}
}
