package exchange

import (
	"fmt"
	"time"

	"switchroom/acd/api"
)

// askWithin is how long somebody who asks a call for something waits.
const askWithin = 5 * time.Second

// ask has a call do something on its own goroutine and gives its answer.
func (x *Exchange) ask(id string, do func(*call) error) error {
	c := x.find(id)
	if c == nil {
		return fmt.Errorf("call %q: %w", id, api.ErrNotFound)
	}
	done := make(chan error, 1)
	c.inbox.put(message{kind: fromFloor, ask: func(c *call) {
		if c == nil {
			done <- fmt.Errorf("call %q: %w", id, api.ErrNotFound)
			return
		}
		done <- do(c)
	}})
	timer := time.NewTimer(askWithin)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return fmt.Errorf("call %q does not answer: %w", id, api.ErrConflict)
	}
}
