package recording

import (
	"fmt"

	"go.uber.org/zap"
)

// guarded does the writer's work on one recording. A fault of ours in it ends
// that recording where it is, as a crash would, and no other: what is written
// plays, and the next start closes it.
func (s *Store) guarded(r *Recorder, work func(*Recorder, int64) error, now int64) (err error) {
	if r.broken {
		return nil
	}
	defer func() {
		if fault := recover(); fault != nil {
			r.broken = true
			s.zlog.Error("fault in a recording", zap.String("id", r.name.id), zap.Any("fault", fault), zap.Stack("stack"))
			s.abandon(r)
			err = fmt.Errorf("recording: fault in %s: %v", r.name.id, fault)
		}
	}()
	return work(r, now)
}
