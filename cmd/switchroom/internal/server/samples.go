package server

import "switchroom/acd/api"

// samples are the rooms' own counters as Prometheus series.
func (s *Server) samples() []api.Sample {
	sip, media, calls := s.exchange.SIP(), s.exchange.Media(), s.exchange.Counters()
	tapes, journal := s.recordings.Stats(), s.journal.Status()
	out := []api.Sample{
		counter("switchroom_calls_admitted_total", "Calls taken in.", calls.Admitted),
		counter("switchroom_calls_refused_total", "Calls refused before they were anybody's.", calls.Refused),
		counter("switchroom_call_records_total", "Call records written.", calls.Recorded),
		counter("switchroom_panics_total", "Faults kept from spreading beyond their call.", calls.Panics),
		gauge("switchroom_sip_legs", "SIP legs that stand.", float64(sip.Legs)),
		gauge("switchroom_sip_transactions", "SIP transactions that live.", float64(sip.Transactions)),
		gauge("switchroom_sip_bindings", "Registered contacts.", float64(sip.Bindings)),
		gauge("switchroom_sip_connections", "Stream connections.", float64(sip.Connections)),
		counter("switchroom_rtp_packets_in_total", "RTP packets taken.", media.PacketsIn),
		counter("switchroom_rtp_packets_out_total", "RTP packets sent.", media.PacketsOut),
		counter("switchroom_rtp_foreign_total", "Packets from sources that no leg accepts.", media.Foreign),
		counter("switchroom_rtp_malformed_total", "Packets that are neither RTP nor RTCP.", media.Malformed),
		counter("switchroom_rtp_port_failures_total", "Legs that found no free port pair.", media.PortFailures),
		gauge("switchroom_rtp_ports_in_use", "Bound port pairs.", float64(media.PortsInUse)),
		gauge("switchroom_recordings_open", "Recordings under way.", float64(tapes.Open)),
		counter("switchroom_recordings_sealed_total", "Recordings completed.", tapes.Sealed),
		counter("switchroom_recordings_deleted_total", "Recordings deleted against a certificate.", tapes.Deleted),
		counter("switchroom_recordings_archived_total", "Recordings whose file was made smaller.", tapes.Archived),
		counter("switchroom_recordings_refused_total", "Recordings that could not begin, for want of room or of a key.", tapes.Refused),
		counter("switchroom_recording_frames_dropped_total", "Frames the recorder had no room for.", tapes.Dropped),
		counter("switchroom_recording_write_errors_total", "Failed writes of sound.", tapes.WriteErrors),
		gauge("switchroom_recording_disk_free_bytes", "Free space where recordings are kept.", float64(tapes.Free)),
		gauge("switchroom_journal_synced", "Number of the last journal entry that is safe.", float64(journal.Synced)),
	}
	for _, w := range s.webhooks.Status() {
		out = append(out, webhookSamples(w)...)
	}
	for reason, n := range sip.Counters {
		out = append(out, api.Sample{Name: "switchroom_sip_events_total", Help: "SIP messages and refusals by reason.", Counter: true,
			Labels: []string{"reason"}, Values: []string{reason}, Value: float64(n)})
	}
	return out
}

func counter(name, help string, n uint64) api.Sample {
	return api.Sample{Name: name, Help: help, Counter: true, Value: float64(n)}
}

func gauge(name, help string, v float64) api.Sample {
	return api.Sample{Name: name, Help: help, Value: v}
}
