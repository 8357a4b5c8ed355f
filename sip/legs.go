package sip

import "time"

// addLeg puts a leg where requests find it.
func (ua *UA) addLeg(l *Leg) {
	ua.legsMu.Lock()
	defer ua.legsMu.Unlock()
	ua.legs[l.key] = l
	if l.in {
		ua.merges[l.merge] = l
		if l.account != "" {
			ua.phoneCalls[l.account]++
		}
	}
}

// phoneCallsMax is how many calls a phone may have made at one time: more than
// a person needs, too few to keep others out.
const phoneCallsMax = 8

func (ua *UA) roomForPhone(account string) bool {
	ua.legsMu.Lock()
	defer ua.legsMu.Unlock()
	return ua.phoneCalls[account] < phoneCallsMax
}

// dropLeg takes it out again.
func (ua *UA) dropLeg(l *Leg) {
	ua.legsMu.Lock()
	defer ua.legsMu.Unlock()
	if ua.legs[l.key] != l {
		return
	}
	delete(ua.legs, l.key)
	if l.in && l.account != "" {
		if ua.phoneCalls[l.account]--; ua.phoneCalls[l.account] <= 0 {
			delete(ua.phoneCalls, l.account)
		}
	}
	if l.in && ua.merges[l.merge] == l {
		delete(ua.merges, l.merge)
	}
}

func (ua *UA) leg(k legKey) *Leg {
	ua.legsMu.Lock()
	defer ua.legsMu.Unlock()
	return ua.legs[k]
}

// merged tells whether the same request has come by another path already.
func (ua *UA) merged(k mergeKey) bool {
	ua.legsMu.Lock()
	defer ua.legsMu.Unlock()
	return ua.merges[k] != nil
}

func (ua *UA) legCount() int {
	ua.legsMu.Lock()
	defer ua.legsMu.Unlock()
	return len(ua.legs)
}

func (ua *UA) allLegs() []*Leg {
	ua.legsMu.Lock()
	defer ua.legsMu.Unlock()
	list := make([]*Leg, 0, len(ua.legs))
	for _, l := range ua.legs {
		list = append(list, l)
	}
	return list
}

// shutdown ends a leg because the UA stops.
func (l *Leg) shutdown() {
	l.enter()
	defer l.leave()
	l.hangup(time.Now(), Cause{Q850: 41, SIP: 503, Text: "shutdown", Side: SystemSide})
}
