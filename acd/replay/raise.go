package replay

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"switchroom/acd"
	"switchroom/acd/exchange"
	"switchroom/queue"
)

// raise takes in that somebody gave a waiting call another priority: it keeps
// its arrival, and stands among the calls of that priority.
func (f *floor) raise(ev *acd.Event) error {
	var priority int
	c := f.calls[ev.Call]
	if n, _ := fmt.Sscanf(ev.State, exchange.Raised+"%d", &priority); n != 1 || c == nil {
		return nil
	}
	f.withdraw(c)
	class, err := f.classAt(c.line, priority)
	if err != nil {
		return fmt.Errorf("call %s: %w", c.id, err)
	}
	c.class, c.at, c.told = class, ev.Mono, false
	if err := f.place(c); err != nil {
		return fmt.Errorf("call %s: %w", c.id, err)
	}
	return nil
}

// classAt is the class for a queue's calls with a priority.
func (f *floor) classAt(l *line, priority int) (queue.ClassID, error) {
	if priority == l.Priority {
		return l.class, nil
	}
	if class, ok := l.levels[priority]; ok {
		return class, nil
	}
	q := l.RoutedQueue
	q.Priority = priority
	need, err := f.words.Need(q)
	if err != nil {
		return 0, err
	}
	class, err := f.engine.AddClass(need)
	if err == nil {
		l.levels[priority] = class
	}
	return class, err
}

// redefine puts a queue's new rules in force for all its calls.
func (f *floor) redefine(l *line, need queue.Need) error {
	err := f.engine.Redefine(l.class, need)
	for _, priority := range slices.Sorted(maps.Keys(l.levels)) {
		need.Priority = priority
		err = errors.Join(err, f.engine.Redefine(l.levels[priority], need))
	}
	return err
}
