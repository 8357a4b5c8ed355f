package cli

import (
	"fmt"
	"strings"
	"time"

	"switchroom/acd"
)

type callsWhyCmd struct {
	ID string `arg:"" help:"The call's id."`
}

// offer is one offer of a call, as the API explains it.
type offer struct {
	Time    time.Time `json:"time"`
	Agent   string    `json:"agent"`
	Outcome string    `json:"outcome"`
	acd.Decision
}

func (c *callsWhyCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var got list[offer]
	text, err := api.get(s.ctx, "/api/v1/calls/"+segment(c.ID)+"/decision", nil, &got)
	if err != nil {
		return err
	}
	if s.JSON {
		return s.printJSON(text)
	}
	if len(got.Items) == 0 {
		_, err := fmt.Fprintln(s.Stdout, "the call was offered to nobody yet")
		return err
	}
	for i, o := range got.Items {
		if i > 0 {
			fmt.Fprintln(s.Stdout)
		}
		if err := explain(s, i+1, o); err != nil {
			return err
		}
	}
	return nil
}

// explain says in words why one offer went where it did, and to nobody else.
func explain(s *session, n int, o offer) error {
	var excluded []string
	for _, e := range []struct {
		count int
		why   string
	}{{o.NotReady, "not ready"}, {o.NoQueue, "not in the queue"}, {o.NoSite, "on other sites"},
		{o.NoSkill, "without the skills"}, {o.Declined, "declined it before"}} {
		if e.count > 0 {
			excluded = append(excluded, fmt.Sprintf("%d %s", e.count, e.why))
		}
	}
	chosen := acd.RunnerUp{Agent: o.Agent, Idle: o.Idle, SiteCost: o.SiteCost, SkillSum: o.SkillSum, Term: o.Term}
	lines := []string{
		fmt.Sprintf("offer %d", n), fmt.Sprintf("to agent %s at %s: %s", o.Agent, moment(o.Time), first(o.Outcome, "ringing")),
		"because", fmt.Sprintf("%s, by %s, in ring %d", first(o.Trigger, "unknown"), o.Strategy, o.Ring),
		"call", fmt.Sprintf("waited %s, score %s, %d waiting for the same", span(o.Waited), span(o.Score), o.Waiting),
		"agent", stood(o.Strategy, chosen),
	}
	for i, r := range o.RunnersUp {
		lines = append(lines, map[bool]string{true: "next", false: "then"}[i == 0],
			fmt.Sprintf("agent %s: %s; %s", r.Agent, stood(o.Strategy, r), behind(o.Strategy, chosen, r)))
	}
	return facts(s.Stdout, append(lines,
		"candidates", fmt.Sprintf("%d", o.Considered),
		"excluded", strings.Join(excluded, ", "),
		"configuration", o.Version)...)
}

// stood says what an agent was compared by.
func stood(strategy string, r acd.RunnerUp) string {
	text := fmt.Sprintf("idle %s, site %d in order of nearness, skill levels sum to %d", span(r.Idle), r.SiteCost, r.SkillSum)
	switch strategy {
	case "least-occupied":
		text += fmt.Sprintf(", %.1f %% of its time in service", 100*r.Term)
	case "fewest-calls":
		text += ", " + counted(int(r.Term), "call") + " taken"
	case "top-down":
		text += fmt.Sprintf(", place %d in the list", int(r.Term)+1)
	}
	return text
}

// behind says which of the things that are compared, in their order, put one
// agent behind the chosen one.
func behind(strategy string, chosen, r acd.RunnerUp) string {
	switch {
	case r.Declined:
		return "it had declined the call"
	case r.SiteCost != chosen.SiteCost:
		return "its site is farther"
	case r.Term != chosen.Term || strategy == "round-robin":
		return map[string]string{"best-skill": "its skills are lower", "least-occupied": "it has worked more of its time", "round-robin": "its turn comes later",
			"fewest-calls": "it has taken more calls", "top-down": "it stands lower in the list"}[strategy]
	}
	return "it had been idle for less time"
}
