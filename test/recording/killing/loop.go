package killing

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"switchroom/recording"

	"filippo.io/age"
	"go.uber.org/zap"
)

// Options says how to kill.
type Options struct {
	Dir     string // to record in
	Times   int
	Calls   int // at a time
	Longest time.Duration
	Rand    *rand.Rand
	Encrypt bool         // for a key made for the occasion
	Each    func(Result) // told of every kill; may be nil
}

// Result is what one kill, or all of them, left.
type Result struct {
	Kills      int
	Recordings int
	Missing    time.Duration // the most that was said before the kill and is not there
	Late       time.Duration // the most the machine kept the speakers waiting just before
	Took       time.Duration // the longest that a look of the writer took then
	Away       time.Duration // since when, at the kill, the writer had not written to a recording
}

// Loop kills as often as it is told. The error is the first thing that was not
// as it must be, the limit on Missing excepted.
func Loop(ctx context.Context, o Options) (Result, error) {
	var all Result
	var key age.Identity
	if o.Encrypt {
		id, err := age.GenerateX25519Identity()
		if err == nil {
			err = os.WriteFile(filepath.Join(o.Dir, recipientsFile), []byte(id.Recipient().String()+"\n"), 0o600)
		}
		if err != nil {
			return all, err
		}
		key = id
	}
	for range o.Times {
		r, err := once(ctx, o, key)
		all.Kills++
		all.Recordings += r.Recordings
		all.Missing, all.Late = max(all.Missing, r.Missing), max(all.Late, r.Late)
		all.Away, all.Took = max(all.Away, r.Away), max(all.Took, r.Took)
		if err != nil {
			return all, fmt.Errorf("kill %d: %w", all.Kills, err)
		}
		if o.Each != nil {
			o.Each(r)
		}
	}
	return all, nil
}

// moment is a line of the child: by when how much was said.
type moment struct {
	at   time.Time
	said int
	late time.Duration
	took time.Duration // the writer's last look
}

func once(ctx context.Context, o Options, key age.Identity) (Result, error) {
	ids, moments, killed, err := killOne(ctx, o)
	if err != nil {
		return Result{}, err
	}
	r := Result{Kills: 1, Recordings: len(ids)}
	for _, m := range moments {
		if killed.Sub(m.at) < time.Second {
			r.Late, r.Took = max(r.Late, m.late), max(r.Took, m.took)
		}
	}
	var begun []string // a machine that is busy may not have come to the others yet
	for _, id := range ids {
		files, err := filepath.Glob(filepath.Join(o.Dir, "recordings", "*", "*", "*", id+".*"))
		if err != nil {
			return r, err
		}
		if len(files) == 0 {
			r.Missing = max(r.Missing, missing(moments, killed, 0))
			continue
		}
		begun = append(begun, id)
		away, err := untouched(files, killed)
		if err != nil {
			return r, err
		}
		r.Away = max(r.Away, away)
		said, err := players(o.Dir, id, key)
		if err != nil {
			return r, err
		}
		r.Missing = max(r.Missing, missing(moments, killed, said))
	}
	return r, recoverAll(ctx, o.Dir, begun, key)
}

// untouched is how long none of a recording's files had been written to.
func untouched(files []string, by time.Time) (time.Duration, error) {
	var last time.Time
	for _, file := range files {
		st, err := os.Stat(file)
		if err != nil {
			return 0, err
		}
		if st.ModTime().After(last) {
			last = st.ModTime()
		}
	}
	return by.Sub(last), nil
}

// missing is how long before the kill the first packet was said that is not
// in the file.
func missing(moments []moment, killed time.Time, said int) time.Duration {
	for _, m := range moments {
		if m.said > said {
			return killed.Sub(m.at)
		}
	}
	return 0
}

// killOne starts a child, lets it speak for a random time and kills it.
func killOne(ctx context.Context, o Options) (ids []string, moments []moment, killed time.Time, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, killed, err
	}
	cmd := exec.CommandContext(ctx, self, strconv.Itoa(o.Calls))
	cmd.Env = append(os.Environ(), childEnv+"="+o.Dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, killed, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, killed, err
	}
	wait := 300*time.Millisecond + time.Duration(o.Rand.Int64N(int64(o.Longest)))
	var timer *time.Timer
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var id string
		var m moment
		var late, took int
		if _, err := fmt.Sscanf(lines.Text(), "id %s", &id); err == nil {
			ids = append(ids, id)
		} else if _, err := fmt.Sscanf(lines.Text(), "said %d %d %d", &m.said, &late, &took); err == nil {
			m.at, m.late = time.Now(), time.Duration(late)*time.Millisecond
			m.took = time.Duration(took) * time.Millisecond
			moments = append(moments, m)
		}
		if timer == nil && len(moments) > 0 {
			timer = time.AfterFunc(wait, func() {
				killed = time.Now()
				cmd.Process.Kill()
			})
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		return nil, nil, killed, fmt.Errorf("the child ended by itself: %w", err)
	}
	if timer == nil {
		return nil, nil, killed, errors.New("the child said nothing")
	}
	timer.Stop()
	return ids, moments, killed, ctx.Err()
}

// recoverAll opens the store again and looks at what it makes of the ids.
func recoverAll(ctx context.Context, dir string, ids []string, key age.Identity) error {
	store, err := recording.Open(config(dir), zap.NewNop())
	if err != nil {
		return err
	}
	defer store.Close()
	metas, err := store.Recover(ctx)
	if err != nil {
		return err
	}
	if len(metas) != len(ids) {
		return fmt.Errorf("%d recordings recovered, %d were running", len(metas), len(ids))
	}
	for _, m := range metas {
		if len(m.Gaps) > 0 || m.Cause != recording.CauseSystem {
			return fmt.Errorf("%s: %+v", m.ID, m)
		}
		if _, err := players(dir, m.ID, key); err != nil {
			return fmt.Errorf("after recovery: %w", err)
		}
	}
	report, err := recording.Verify(ctx, recording.Verification{Dir: filepath.Join(dir, "recordings"), Keys: filepath.Join(dir, "keys"), IDs: ids})
	if err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return fmt.Errorf("verify: %v", report.Findings)
	}
	return nil
}
