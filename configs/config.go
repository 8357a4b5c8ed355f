package configs

import (
	"net/netip"
	"time"
)

// Config is one whole configuration. Every field holds a checked value:
// defaults are filled in and every reference leads somewhere.
type Config struct {
	SIP          SIP
	Media        Media
	HTTP         HTTP
	Recording    Recording
	Journal      Journal
	Data         string        // folder of recordings, journal and index
	Database     string        // URL of a PostgreSQL database, secret; "": an SQLite file in Data
	DrainTimeout time.Duration // how long running calls may go on after SIGTERM
	MaxTalk      time.Duration // how long a conversation may last
	Prompts      string        // folder of WAV files, seen from the configuration's; "": the built-in ones alone

	Calendars []Calendar
	Menus     []Menu
	Phones    []Phone
	Sounds    []Sound // of prompts that are files

	Clients  []Client
	Sites    []Site
	Trunks   []Trunk
	Outbound Outbound
	Numbers  []Number
	Queues   []Queue
	Agents   []Agent
	Webhooks []Webhook

	Version  string // first 12 hex digits of the text's SHA-256
	Warnings Faults // odd, but served
}

// SIP is how the switch speaks SIP.
type SIP struct {
	Listen    []string      // "udp:HOST:PORT", "tcp:HOST:PORT", "tls:HOST:PORT", "ws:HOST:PORT", "wss:HOST:PORT"; port 0 takes a free one
	Advertise string        // host for Via and Contact; "": the address listened on
	Realm     string        // of digest challenges
	T1        time.Duration // round-trip estimate of RFC 3261 17.1.1.1
	Trace     int           // MiB of memory for the SIP messages of recent calls; 0 keeps none
	Qualify   time.Duration // how often a phone that registers is asked by OPTIONS whether it is there; 0: never
	TLS       TLS
	DNS       []netip.AddrPort // servers asked for names; none: the system's
	Strangers string           // one of Strangers
	Deny      []netip.Prefix   // sources that get nothing
	Phones    []netip.Prefix   // that phones may register from; none: from anywhere
}

// TLS names PEM files, seen from where the switch is started.
type TLS struct {
	Cert, Key string // chain and key; set both if Listen has a "tls:" or "wss:" address
	CA        string // who may vouch for peers; "": the system's authorities
}

// Media is how the switch carries RTP.
type Media struct {
	Listen    string        // address of the RTP sockets
	Advertise string        // address for SDP; "": Listen
	Ports     PortRange     // even port RTP, the odd one above it RTCP
	Timeout   time.Duration // a leg without RTP and RTCP for this long is over
}

// PortRange is a range of UDP ports, both ends included.
type PortRange struct{ Min, Max uint16 }

// HTTP is the API's listener and who may use it.
type HTTP struct {
	Listen string // "HOST:PORT"; port 0 takes a free one
	Tokens []Token
}

// Token lets a program use the API.
type Token struct {
	Token  string // secret
	Role   string // one of Roles
	Client string // the one it sees; always of the role client, and of a supervisor where set
	Team   string // of a supervisor: the one that it leads; "": all
}

// Client is a company whose calls are answered here.
type Client struct {
	ID, Name            string
	Language            string        // of what its callers hear, one of Languages
	Whisper             string        // prompt that tells an agent whose call it is, or ""
	Caller              string        // number shown on calls out for it; "": the first of its numbers
	Outside             *Caps         // of its calls out; nil: Outbound.PerClient
	Retention           time.Duration // of its recordings; 0: Recording's
	Dispositions        []Disposition // what its calls are filed under
	DispositionRequired bool
	DispositionDefault  string // the code of a call that was not filed in time, or ""
}

// Site is a floor on which agents sit.
type Site struct{ ID, Name string }

// Trunk is a carrier or PBX that calls in and that calls go out through.
type Trunk struct {
	ID       string
	Peers    []netip.Prefix // masked; a call from one of them is this trunk's
	Address  string         // SIP URI for outbound calls and OPTIONS, or ""
	Channels int            // calls at a time
	Rate     int            // calls set up each second, of both directions together; 0: no cap
	Ping     time.Duration  // how often OPTIONS asks whether the trunk is there; 0: never
	Username string         // with Password: for peers that are not in Peers, and for outbound calls
	Password string         // secret
	SRTP     string         // one of SRTPs
	// InbandDTMF looks for keys in the sound of its callers, who then need no
	// telephone-event: for gateways that have neither that nor INFO.
	InbandDTMF bool
	Codecs     []string // of Codecs, in the order of preference
	Identity   Identity
	Register   Registration
	Out        TrunkOut
}

// Number is what callers dial. Numbers that differ by a leading "+" alone are
// the same number, so at most one of them is configured. Either Queue or Menu is
// set.
type Number struct{ Number, Client, Queue, Menu string }

// Queue is where calls wait and how an agent is chosen for them.
type Queue struct {
	ID           string
	Client       string // or "": serves every client
	Strategy     string // one of Strategies
	Priority     int    // higher first, MinPriority to MaxPriority
	Rings        []Ring // never empty; the first opens at 0
	RingTimeout  time.Duration
	WrapUp       time.Duration // after-call work; 0: none
	WrapUpEnd    string        // one of WrapUpEnds
	Rona         Rona
	MaxWait      time.Duration
	MaxWaiting   int
	Answer       string // one of Answers
	ServiceLevel ServiceLevel
	Record       string        // one of Records
	Unrecorded   string        // one of Unrecordeds: what becomes of a call that must be recorded and cannot be
	Retention    time.Duration // of its recordings; 0: its client's
	Overflow     string        // queue for calls that this one has no room or time for, or ""
	Pause        Pause
	Treatment    Treatment
	Extension    string // what agents dial to hand a caller to it, besides its id; ""
	KeepArrival  bool   // a caller who is handed to it keeps its age
	InbandDTMF   bool   // look for keys in its callers' sound, whatever their trunk
}

// Ring is who may take a call once it has waited for After.
type Ring struct {
	After  time.Duration
	Sites  []string       // nearest first; empty: all
	Skills map[string]int // lowest levels
}

// ServiceLevel is a queue's target, "80/20" being Target 80 within 20 s.
type ServiceLevel struct {
	Target  int // percent
	Within  time.Duration
	Formula string // one of Formulas
}

// Agent is a person with a phone. Its phone registers with ID and Password or
// has a fixed Contact; one of the two is set at least.
type Agent struct {
	ID, Name, Site  string
	Password        string         // secret
	Contact         string         // SIP URI, or ""
	SRTP            string         // one of SRTPs
	Skills          map[string]int // levels MinLevel to MaxLevel
	ReadyOnRegister bool
	PIN             string        // secret; with it the agent logs in at any phone; "": only at its own
	Qualify         time.Duration // how often its phone is asked by OPTIONS whether it is there; 0: never
	Team            string        // or ""
	Supervisor      bool          // may take part in calls of its team and clients
	Clients         []string      // whom it works for; the first is the one it calls out for. Empty: all
	Dial            []string      // beginnings of numbers that it may call; "all": every one. Empty: none
	Outside         *Caps         // of its calls outside; nil: Outbound.PerAgent
}

// The words a key may hold.
var (
	Roles      = []string{"admin", "supervisor", "qa", "client"}
	Strategies = []string{"longest-idle", "best-skill", "least-occupied", "round-robin", "fewest-calls", "top-down"}
	Answers    = []string{"queue", "agent"}
	Records    = []string{"always", "never", "on-demand"}
	Formulas   = []string{"ignore", "negative", "positive", "answered", "offered"}
)

// Bounds of levels and priorities.
const (
	MinLevel, MaxLevel       = 1, 10
	MinPriority, MaxPriority = -100, 100
)
