package sip

// ChannelsInUse tells how many calls a trunk carries now, both directions
// together. It may be called from any goroutine.
func (ua *UA) ChannelsInUse(trunk string) int {
	ua.trunksMu.Lock()
	s := ua.trunkStates[trunk]
	ua.trunksMu.Unlock()
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inUse
}
