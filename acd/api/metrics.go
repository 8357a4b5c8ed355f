package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Sample is one value of a series that the wiring knows of.
type Sample struct {
	Name    string // with unit, such as switchroom_rtp_packets_total
	Help    string
	Counter bool // it only grows; else it is a gauge
	Labels  []string
	Values  []string // of the labels, one each
	Value   float64
}

// metrics holds the Prometheus series.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(s *Server) (*metrics, error) {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "switchroom_http_request_seconds", Help: "Time to answer a request, by route and status.",
			Buckets: []float64{.001, .005, .02, .1, .5, 2, 10},
		}, []string{"route", "status"}),
	}
	all := append([]prometheus.Collector{
		m.requests, &floor{s}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	}, s.cfg.Collectors...)
	for _, c := range all {
		if err := m.registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// floor reads what the switch, the journal and the index show of themselves
// at each scrape; nothing is counted twice.
type floor struct{ s *Server }

// Describe sends nothing: which series there are is seen at the scrape.
func (f *floor) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (f *floor) Collect(out chan<- prometheus.Metric) {
	seen, helps := map[string]bool{}, map[string]string{}
	for _, v := range f.samples() {
		// One series told of twice would fail the whole scrape: the first
		// counts, and so does the first help of a name.
		key := v.Name + "\x00" + strings.Join(v.Values, "\x00")
		if seen[key] {
			continue
		}
		seen[key] = true
		if _, ok := helps[v.Name]; !ok {
			helps[v.Name] = v.Help
		}
		v.Help = helps[v.Name]
		kind := prometheus.GaugeValue
		if v.Counter {
			kind = prometheus.CounterValue
		}
		desc := prometheus.NewDesc(v.Name, v.Help, v.Labels, nil)
		m, err := prometheus.NewConstMetric(desc, kind, v.Value, v.Values...)
		if err != nil {
			m = prometheus.NewInvalidMetric(desc, err)
		}
		out <- m
	}
}

func (f *floor) samples() []Sample {
	sw := f.s.cfg.Switch
	all := f.queueSamples()
	states := map[string]int{}
	for _, a := range sw.Agents() {
		states[a.State]++
	}
	for state, n := range states {
		all = append(all, Sample{"switchroom_agents", "Agents by state.", false, []string{"state"}, []string{state}, float64(n)})
	}
	calls := map[string]int{}
	for _, c := range sw.Calls() {
		calls[c.State]++
	}
	for state, n := range calls {
		all = append(all, Sample{"switchroom_calls", "Live calls by state.", false, []string{"state"}, []string{state}, float64(n)})
	}
	all = append(all, gauge("switchroom_ready", "1 when new calls are taken.", one(sw.Ready())))
	for _, c := range sw.Status().Channels {
		labels, values := []string{"trunk"}, []string{c.Trunk}
		all = append(all,
			Sample{"switchroom_trunk_channels_in_use", "Channels in use.", false, labels, values, float64(c.InUse)},
			Sample{"switchroom_trunk_channels_out", "Channels in use for calls out.", false, labels, values, float64(c.Out)},
			Sample{"switchroom_trunk_channels", "Channels there are.", false, labels, values, float64(c.Limit)},
			Sample{"switchroom_trunk_up", "1 when calls out may be tried.", false, labels, values, one(c.State == "up")})
		if r := c.Registration; r != nil {
			all = append(all,
				Sample{"switchroom_trunk_registered", "1 when we are registered at the trunk's registrar.", false, labels, values, one(r.State == "registered")},
				Sample{"switchroom_trunk_registration_failures", "Failed attempts to register, in a row.", false, labels, values, float64(r.Failures)})
		}
	}
	all = append(all, f.diskSamples()...)
	if f.s.cfg.Samples != nil {
		all = append(all, f.s.cfg.Samples()...)
	}
	return all
}

func (f *floor) queueSamples() []Sample {
	var all []Sample
	for _, q := range f.s.cfg.Switch.Queues() {
		labels, values := []string{"queue", "client"}, []string{q.ID, q.Client}
		add := func(name, help string, v float64) {
			all = append(all, Sample{name, help, false, labels, values, v})
		}
		add("switchroom_queue_waiting", "Calls that wait.", float64(q.Waiting))
		add("switchroom_queue_longest_wait_seconds", "The longest wait now.", q.LongestWait)
		add("switchroom_queue_agents_ready", "Agents that could take a call.", float64(q.AgentsReady))
		add("switchroom_queue_agents_busy", "Agents in a call of the queue.", float64(q.AgentsBusy))
	}
	return all
}

func (f *floor) diskSamples() []Sample {
	j, i := f.s.cfg.Journal.Status(), f.s.cfg.Records.Status()
	return []Sample{
		counter("switchroom_journal_events_total", "Events numbered, over all runs.", float64(j.Next-1)),
		counter("switchroom_journal_syncs_total", "Syncs of the journal.", float64(j.Syncs)),
		counter("switchroom_journal_refused_total", "Events turned away for lack of room.", float64(j.Refused)),
		gauge("switchroom_journal_pending_bytes", "Bytes that wait for the disk.", float64(j.Pending)),
		gauge("switchroom_journal_bytes", "Bytes of all segments.", float64(j.Bytes)),
		gauge("switchroom_journal_short", "1 when the disk is full and only call records are kept.", one(j.Short)),
		gauge("switchroom_journal_fault", "1 when the last write failed.", one(j.Fault != nil)),
		gauge("switchroom_index_behind_events", "Events not indexed yet.", float64(i.Behind)),
		gauge("switchroom_index_lag_seconds", "For how long the index has been behind.", i.Lag.Seconds()),
		gauge("switchroom_index_fault", "1 when the index stands still.", one(i.Fault != nil)),
		gauge("switchroom_index_building", "1 while the index is made anew.", one(i.Building)),
		counter("switchroom_index_poison_total", "Events that made no sense.", float64(i.Poison)),
		gauge("switchroom_event_streams", "Open event streams.", float64(f.s.streams.Load())),
	}
}

func gauge(name, help string, v float64) Sample { return Sample{Name: name, Help: help, Value: v} }

func counter(name, help string, v float64) Sample {
	return Sample{Name: name, Help: help, Counter: true, Value: v}
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// measured notes how long requests take. The label is the route's pattern: a
// path would give each call a series of its own.
func (s *Server) measured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		_, route := s.mux.Handler(r)
		if route == "" {
			route = "none"
		}
		if route == eventsRoute {
			return // it lasts as long as somebody listens
		}
		s.metrics.requests.WithLabelValues(route, strconv.Itoa(seen.status)).Observe(time.Since(began).Seconds())
	})
}

const eventsRoute = "GET /api/v1/events"

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
	begun  bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.begun {
		w.begun = true
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach deadlines and flushing.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
