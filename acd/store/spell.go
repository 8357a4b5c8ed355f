package store

import "switchroom/acd"

// agent ends the agent's stretch of state and begins the next. Its length is
// the difference of two readings of one monotonic clock.
func (f *fold) agent(ev *acd.Event) error {
	err := f.exec(`UPDATE spells SET length = max(0, ? - mono)
		WHERE agent = ? AND length < 0 AND boot = ? AND seq < ?`, ev.Mono, ev.Agent, ev.Boot, ev.Seq)
	if err != nil {
		return err
	}
	if err := f.endOld(ev.Agent, ev.Boot, ev.Seq); err != nil {
		return err
	}
	return f.exec(`INSERT OR REPLACE INTO spells (seq, agent, site, state, reason, call, queue, client, boot, start, mono)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6,
			coalesce((SELECT queue FROM offers WHERE call = ?6 ORDER BY seq DESC LIMIT 1), ''),
			coalesce((SELECT client FROM offers WHERE call = ?6 ORDER BY seq DESC LIMIT 1), ''), ?7, ?8, ?9)`,
		ev.Seq, ev.Agent, ev.Site, ev.State, ev.Reason, ev.Call, ev.Boot, ev.Time.UnixMilli(), ev.Mono)
}

// started ends all stretches of earlier runs: at the last sign of life that
// those gave.
func (f *fold) started(ev *acd.Event) error { return f.endOld("", ev.Boot, ev.Seq) }

// endOld ends the stretches that runs other than boot left open, of one agent
// or, for "", of all.
func (f *fold) endOld(agent, boot string, seq uint64) error {
	const end = `UPDATE spells SET length = max(0, coalesce((SELECT mono FROM boots WHERE boot = spells.boot), mono) - mono)
		WHERE length < 0 AND boot <> ?1 AND seq < ?2`
	if agent == "" {
		return f.exec(end, boot, seq)
	}
	return f.exec(end+" AND agent = ?3", boot, seq, agent) // one agent is one look into spells_open
}

// noteBoot writes down the last sign of life of the run that the latest
// events came from.
func (f *fold) noteBoot() error {
	if f.boot == "" {
		return nil
	}
	return f.exec(`INSERT INTO boots (boot, mono, at) VALUES (?, ?, ?)
		ON CONFLICT (boot) DO UPDATE SET mono = max(mono, excluded.mono), at = excluded.at`, f.boot, f.mono, f.bootAt)
}
