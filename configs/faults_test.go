package configs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// base is a small configuration in order, one top-level key a line.
const base = `sip: {listen: ["udp:127.0.0.1:5060"]}
media: {listen: 127.0.0.1}
http: {listen: "127.0.0.1:8080"}
clients: [{id: courier}, {id: airline}]
sites: [{id: chengdu}, {id: beijing}]
trunks: [{id: telecom, peers: [127.0.0.1]}]
numbers: [{number: "4008001234", client: courier, queue: parcels}]
queues: [{id: parcels, client: courier}]
agents: [{id: "8001", site: chengdu, contact: "sip:8001@127.0.0.1:7001", skills: {parcels: 5}}]
`

// with puts sections in the place of base's.
func with(sections string) string {
	text := base
	for _, s := range strings.Split(sections, "\n\n") {
		key, _, _ := strings.Cut(s, ":")
		key = strings.TrimPrefix(key, "§")
		var lines []string
		replaced := false
		for _, line := range strings.SplitAfter(text, "\n") {
			if strings.HasPrefix(line, key+":") {
				line, replaced = strings.TrimRight(s, "\n")+"\n", true
			}
			lines = append(lines, line)
		}
		text = strings.Join(lines, "")
		if !replaced {
			text += s + "\n"
		}
	}
	return text
}

// aKey is an age public key.
const aKey = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

// marked takes the marks "§" out of a text and says where they stood.
func marked(text string) (string, []place) {
	var places []place
	var clean strings.Builder
	at := place{1, 1}
	for _, r := range text {
		switch r {
		case '§':
			places = append(places, at)
			continue
		case '\n':
			at = place{at.line + 1, 1}
		default:
			at.col++
		}
		clean.WriteRune(r)
	}
	return clean.String(), places
}

// faultCases are one for each kind of fault: the sections that hold it, with a
// mark at each place that must be named, and the faults' texts in that order.
var faultCases = []struct {
	name, sections string
	faults         []string
}{
	// Keys.
	{"an unknown key with a near name", "drain_timeout: 5s\n\n§drain_timout: 5s",
		[]string{`unknown key "drain_timout": did you mean "drain_timeout"?`}},
	{"an unknown key in a list", "queues: [{id: parcels, client: courier, §stratgy: best-skill}]",
		[]string{`unknown key "stratgy" in queue: did you mean "strategy"?`}},
	{"an unknown key that resembles nothing", "http: {§certificate: x}",
		[]string{`unknown key "certificate" in http: known are listen, tokens`}},
	{"an unknown key in a nested section", "queues: [{id: parcels, service_level: {§targt: 80}}]",
		[]string{`unknown key "targt" in service_level: did you mean "target"?`}},
	{"a colon without a space", "agents: [{id: '1', contact: 'sip:a@127.0.0.1', §'password:s3cret': x}]",
		[]string{`unknown key "password:..." in agent: a space is wanted behind the colon`}},
	{"a key twice", "data: a\n§data: b",
		[]string{`key "data" stands twice, first in line 10: keep one`}},
	{"a merge key", "sites: [{id: chengdu}, {id: beijing, §<<: {a: b}}]",
		[]string{"a key is a plain name; anchors, aliases, merges and complex keys are not read here"}},

	// Shapes.
	{"a list for a mapping", "sip: §[a]", []string{"sip is a list: a mapping of keys to values is wanted"}},
	{"a text for a list", "trunks: §telecom", []string{"trunks is a text: a list is wanted"}},
	{"a text for an element", "clients: [§courier, {id: courier}]",
		[]string{"client is a text: a mapping of keys to values is wanted"}},
	{"a mapping for a text", "data: §{a: b}",
		[]string{"data is a mapping: a text is wanted, in quotes where YAML would take it for something else"}},
	{"a boolean for a text", "data: §true",
		[]string{"data is true or false: a text is wanted, in quotes where YAML would take it for something else"}},
	{"a hexadecimal number for a text", "data: §0x1f",
		[]string{"data is a number: a text is wanted, in quotes where YAML would take it for something else"}},
	{"an alias", "data: §&d ./x\n\nhttp: {listen: §*d}",
		[]string{"listen is an anchor or alias, which are not read here: a text is wanted, in quotes where YAML would take it for something else",
			"data is an anchor or alias, which are not read here: a text is wanted, in quotes where YAML would take it for something else"}},
	{"a tag", "data: §!!str 5",
		[]string{"data is a tag, which are not read here: a text is wanted, in quotes where YAML would take it for something else"}},
	{"an empty text", `data: §""`, []string{`data is "": empty: leave the key out or give it a value`}},
	{"a control character", `clients: [{id: courier, name: §"a\eb"}]`,
		[]string{`name is "a\x1bb": a control character or line break in it: write it on one line`}},
	{"a yes for a boolean", `agents: [{id: "8001", contact: "sip:a@127.0.0.1", ready_on_register: §yes}]`,
		[]string{"ready_on_register is a text: true or false is wanted"}},
	{"a text for a number", `trunks: [{id: t, peers: [127.0.0.1], channels: §"30"}]`,
		[]string{`channels is a text: a whole number from 1 to 100000 is wanted, without quotes`}},
	{"a number out of range", `trunks: [{id: t, peers: [127.0.0.1], channels: §0}]`,
		[]string{`channels is "0": a whole number from 1 to 100000 is wanted`}},

	// The database.
	{"a database of another kind", `database: §"mysql://a:hidden@b/c"`,
		[]string{`database is nothing that is known: "" or the URL of a PostgreSQL database is wanted, such as postgres://switch@db.example/calls or postgres:///calls?host=/run/postgresql`}},
	{"a database that is misspelled", `database: §"postgress://a:hidden@b/c"`,
		[]string{`database begins with "postgress": did you mean postgres://?`}},
	{"a database that is no URL", `database: §"postgres://a:hid%zzden@b/c"`,
		[]string{`database is no URL: "" or the URL of a PostgreSQL database is wanted, such as postgres://switch@db.example/calls or postgres:///calls?host=/run/postgresql; signs such as @ : / in a password are written as %40 %3A %2F`}},
	{"a database without a host", `database: §"postgres:///calls"`,
		[]string{`database names no host: "" or the URL of a PostgreSQL database is wanted, such as postgres://switch@db.example/calls or postgres:///calls?host=/run/postgresql`}},
	{"a database without a name", `database: §"postgres://a:hidden@b"`,
		[]string{`database names no database behind the host: "" or the URL of a PostgreSQL database is wanted, such as postgres://switch@db.example/calls or postgres:///calls?host=/run/postgresql`}},

	// Durations.
	{"a duration without a unit", "drain_timeout: §60", []string{`drain_timeout is "60": a duration has a unit, such as 60s`}},
	{"no duration", "drain_timeout: §soon", []string{`drain_timeout is "soon": a duration is wanted, such as 15s, 500ms or 5m`}},
	{"a duration out of range", "drain_timeout: §-1s", []string{`drain_timeout is "-1s": from 0s to 24h is wanted`}},
	{"a timeout of nothing", "media: {timeout: §0s}", []string{`timeout is "0s": from 1s to 1h is wanted`}},

	// sip.
	{"a listener without transport", `sip: {listen: [§"127.0.0.1:5060"]}`,
		[]string{`listen is "127.0.0.1:5060": it lacks the transport, such as udp:127.0.0.1:5060`}},
	{"a transport that is not served", `sip: {listen: ["udp:127.0.0.1:5060", §"sctp:127.0.0.1:5061"]}`,
		[]string{`listen is "sctp:127.0.0.1:5061": did you mean tcp?`}},
	{"a browser's transport without a certificate", `sip: {listen: §["wss:127.0.0.1:5061"]}`,
		[]string{"listen has a wss address, so tls must name its cert and key"}},
	{"TLS without a certificate", `sip: {listen: §["tls:127.0.0.1:5061"], tls: {ca: roots.pem}}`,
		[]string{"listen has a tls address, so tls must name its cert and key"}},
	{"a certificate without its key", "sip: {tls: {cert: §us.pem}}",
		[]string{"cert without key: a certificate is shown by who has its key"}},
	{"a key without its certificate", "sip: {tls: {key: §us.key}}",
		[]string{"key without cert: a key is for a certificate"}},
	{"a misspelt transport", `sip: {listen: [§"tpc:127.0.0.1:5061"]}`,
		[]string{`listen is "tpc:127.0.0.1:5061": did you mean tcp?`}},
	{"a listener on a name", `sip: {listen: [§"udp:localhost:5060"]}`,
		[]string{`listen is "udp:localhost:5060": ADDRESS:PORT is wanted behind udp:, such as 127.0.0.1:5060 or [::1]:5060`}},
	{"a listener twice", `sip: {listen: ["udp:127.0.0.1:5060", §"udp:127.0.0.1:5060"]}`,
		[]string{`listen names "udp:127.0.0.1:5060" twice: once is enough`}},
	{"no listener", `sip: {listen: §[]}`,
		[]string{"listen is empty: the switch needs one address at least, such as udp:127.0.0.1:5060"}},
	{"every address and none to advertise", `sip: {listen: §["udp:0.0.0.0:5060"]}`,
		[]string{"listen is on every address, so advertise must say which one others reach"}},
	{"an advertised host with port", `sip: {advertise: §"sw.example.com:5060"}`,
		[]string{`advertise is "sw.example.com:5060": a host name or an IP address without a port is wanted`}},
	{"a quote in the realm", `sip: {realm: §'a"b'}`, []string{`realm is "a\"b": a realm has no quotes or backslashes`}},

	// media.
	{"a media address that is none", "media: {listen: §localhost}",
		[]string{`listen is "localhost": an IP address is wanted, such as 127.0.0.1`}},
	{"media everywhere and none to advertise", "media: {listen: §0.0.0.0}",
		[]string{"listen is every address, so advertise must say which one callers send sound to"}},
	{"nobody's address advertised", "media: {advertise: §0.0.0.0}",
		[]string{`advertise is "0.0.0.0": nobody can send to it: the address that others see is wanted`}},
	{"one port", "media: {ports: §16384}", []string{`ports is "16384": two ports are wanted, such as 16384-32767`}},
	{"ports below 1024", "media: {ports: §1000-2001}", []string{`ports is "1000-2001": the ports begin at 1024 or above`}},
	{"ports above 65535", "media: {ports: §16384-70001}", []string{`ports is "16384-70001": two ports are wanted, such as 16384-32767`}},
	{"ports backwards", "media: {ports: §30000-20001}", []string{`ports is "30000-20001": the smaller port stands first`}},
	{"half a pair of ports", "media: {ports: §16385-32766}",
		[]string{`ports is "16385-32766": the ports are used in pairs, the first even and the last odd: write 16386-32767`}},

	// http.
	{"an endpoint without port", "http: {listen: §localhost}",
		[]string{`listen is "localhost": ADDRESS:PORT is wanted, such as 127.0.0.1:8080`}},
	{"an endpoint with a port too large", "http: {listen: §'localhost:80800'}",
		[]string{`listen is "localhost:80800": a port is a number up to 65535`}},
	{"a token without role", "http: {tokens: [§{token: abc}]}",
		[]string{"token without role: it is one of admin, supervisor, qa, client"}},
	{"a role without token", "http: {tokens: [§{role: qa}]}",
		[]string{"token without token: it is the secret a program shows"}},
	{"a misspelt role", "http: {tokens: [{token: abc, role: §amdin}]}",
		[]string{`role is "amdin": did you mean "admin"? It is one of admin, supervisor, qa, client`}},
	{"a role that resembles none", "http: {tokens: [{token: abc, role: §janitor}]}",
		[]string{`role is "janitor": it is one of admin, supervisor, qa, client`}},
	{"a client's token without client", "http: {tokens: [§{token: abc, role: client}]}",
		[]string{"a token with the role client names its client"}},
	{"another's token with client", "http: {tokens: [{token: abc, role: qa, client: §courier}]}",
		[]string{"client goes with the roles client and supervisor only, and this role is qa"}},
	{"a token of an unknown client", "http: {tokens: [{token: abc, role: client, client: §courrier}]}",
		[]string{`there is no client "courrier": did you mean "courier"?`}},
	{"a token twice", "http: {tokens: [{token: s3cret, role: qa}, {token: §s3cret, role: admin}]}",
		[]string{"the same token stands in line 3: tokens are unique"}},
	{"a token that no header carries", "http: {tokens: [{token: §'s3 cret', role: qa}]}",
		[]string{"token: only visible ASCII characters without spaces pass in an HTTP header"}},

	// Ids.
	{"an element without id", "sites: [{id: chengdu}, §{name: Beijing}]", []string{"site without id: every site has an id"}},
	{"an id with a slash", "sites: [{id: chengdu}, {id: §a/b}]",
		[]string{`id is "a/b": an id is up to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit`}},
	{"an id of dots", "sites: [{id: chengdu}, {id: §..}]",
		[]string{`id is "..": an id is up to 64 of A-Z a-z 0-9 . _ - and begins with a letter or digit`}},
	{"an id twice", "sites:\n- {id: chengdu}\n- {id: beijing}\n- {id: §chengdu}",
		[]string{`site "chengdu" stands twice, first in line 6: ids are unique`}},

	// trunks.
	{"a word that is none for srtp", `agents: [{id: "8001", password: x, srtp: §alow}]`,
		[]string{`srtp is "alow": did you mean "allow"? It is one of never, allow, require`}},
	{"srtp required without TLS", `agents: [{id: "8001", password: x, srtp: §require}]`,
		[]string{"srtp is require, which needs TLS, and sip listens on no tls address: its calls would all be refused"}},
	{"srtp required over TCP", `trunks: [{id: t, address: "sip:192.0.2.1;transport=tcp", srtp: §require}]`,
		[]string{"srtp is require, but calls go to sip:192.0.2.1;transport=tcp without TLS, which shows the keys: write ;transport=tls, or srtp: allow"}},
	{"inband keys that are no yes or no", `queues: [{id: parcels, inband_dtmf: §sometimes}]`,
		[]string{"inband_dtmf is a text: true or false is wanted"}},
	{"a trunk nobody can use", "trunks: [§{id: t}]",
		[]string{"trunk without peers, address and username: nobody can call in or be called through it"}},
	{"a user without password", "trunks: [{id: t, username: §u}]",
		[]string{"username without password: a trunk that authenticates needs both"}},
	{"a password without user", "trunks: [{id: t, peers: [127.0.0.1], password: §s3cret}]",
		[]string{"password without username: a trunk that authenticates needs both"}},
	{"a question asked too often", "trunks: [{id: t, address: 'sip:192.0.2.1', ping: §200ms}]",
		[]string{"ping is 200ms: 0s for never, or from 1s to 1h is wanted"}},
	{"a question asked of nobody", "trunks: [{id: t, peers: [127.0.0.1], ping: §30s}]",
		[]string{"ping without address: it is where the trunk is asked"}},
	{"a question asked too seldom", "trunks: [{id: t, address: 'sip:192.0.2.1', ping: §2h}]",
		[]string{`ping is "2h": from 0s to 1h is wanted`}},
	{"a rate below none", "trunks: [{id: t, peers: [127.0.0.1], rate: §-1}]",
		[]string{`rate is "-1": a whole number from 0 to 10000 is wanted`}},
	{"a peer by name", "trunks: [{id: t, peers: [§carrier.example.com]}]",
		[]string{`peers has "carrier.example.com": an IP address or a network is wanted, such as 203.0.113.7 or 203.0.113.0/28`}},
	{"a host within a network", "trunks: [{id: t, peers: [§203.0.113.5/28]}]",
		[]string{`peers has "203.0.113.5/28": it names a host within a network: write the network 203.0.113.0/28 or the host 203.0.113.5`}},
	{"a peer of two trunks", "trunks:\n- {id: t, peers: [127.0.0.1]}\n- {id: u, peers: [§127.0.0.1/32]}",
		[]string{"peer 127.0.0.1/32 stands already in line 7: a call must belong to one trunk"}},
	{"an address that is no URI", "trunks: [{id: t, address: §'carrier:5060'}]",
		[]string{`address is "carrier:5060": a SIP URI is wanted, such as sip:8001@192.0.2.7:5060 or sip:192.0.2.7;transport=tcp`}},
	{"a sips URI", "trunks: [{id: t, address: §'sips:192.0.2.1'}]",
		[]string{`address is "sips:192.0.2.1": sips is not read here: write sip: with ;transport=tls`}},
	{"a URI with an unserved transport", "trunks: [{id: t, address: §'sip:192.0.2.1;transport=ws'}]",
		[]string{`address is "sip:192.0.2.1;transport=ws": nobody is called by ws: browsers connect to the switch, by ws in listen`}},
	{"a URI with a parameter", "trunks: [{id: t, address: §'sip:192.0.2.1;lr'}]",
		[]string{`address is "sip:192.0.2.1;lr": the one parameter read here is ;transport=udp, ;transport=tcp or ;transport=tls`}},
	{"a URI with port 0", "trunks: [{id: t, address: §'sip:192.0.2.1:0'}]",
		[]string{`address is "sip:192.0.2.1:0": the port is a number from 1 to 65535`}},
	{"a URI with a password", "trunks: [{id: t, address: §'sip:u:s3cret@192.0.2.1'}]",
		[]string{"address holds a password in its URI: leave it out"}},

	// numbers.
	{"a number without queue", "numbers: [§{number: '1'}]", []string{"number without queue: it is where its calls wait"}},
	{"a number of an unknown queue", "numbers: [{number: '1', queue: §parcel}]",
		[]string{`there is no queue "parcel": did you mean "parcels"?`}},
	{"a number of an unknown client", "numbers: [{number: '1', client: §bank, queue: parcels}]",
		[]string{`there is no client "bank": defined are airline, courier`}},
	{"a number of another client's queue", "numbers: [{number: '1', client: §airline, queue: parcels}]",
		[]string{`number "1" is airline's, but its queue parcels is courier's: a client's calls wait in its own queue`}},
	{"a number twice", "numbers:\n- {number: '+4008001234', queue: parcels}\n- {number: §4008001234, queue: parcels}",
		[]string{`number "4008001234" stands already in line 8: with and without + it is the same number`}},
	{"a number with separators", "numbers: [{number: §'400-800 1234', queue: parcels}]",
		[]string{`number is "400-800 1234": write it without separators: "4008001234"`}},
	{"a number that is none", "numbers: [{number: §front desk, queue: parcels}]",
		[]string{`number is "front desk": digits are wanted, optionally after a +, as callers dial them`}},

	// queues.
	{"a misspelt strategy", "queues: [{id: parcels, strategy: §longest_idel}]",
		[]string{`strategy is "longest_idel": did you mean "longest-idle"? It is one of longest-idle, best-skill, least-occupied, round-robin, fewest-calls, top-down`}},
	{"a misspelt answer", "queues: [{id: parcels, answer: §queu}]",
		[]string{`answer is "queu": did you mean "queue"? It is one of queue, agent`}},
	{"an unrecorded that is no word of it", "queues: [{id: parcels, unrecorded: §refused}]",
		[]string{`unrecorded is "refused": did you mean "refuse"? It is one of refuse, answer`}},
	// Recordings.
	{"a retention without a unit", "recording: {retention: §90}", []string{`retention is "90": a duration has a unit, such as 90d`}},
	{"no retention", "clients: [{id: courier, retention: §quarterly}, {id: airline}]",
		[]string{`retention is "quarterly": a duration such as 90d, 36h or 1d12h, or forever, is wanted`}},
	{"a retention out of range", "queues: [{id: parcels, retention: §40000d}]",
		[]string{`retention is "40000d": from 1s to 36500d, or forever, is wanted`}},
	{"a retention of nothing", "recording: {retention: §0s}", []string{`retention is "0s": from 1s to 36500d, or forever, is wanted`}},
	{"a retention that goes back", "recording: {retention: §1d-2h}",
		[]string{`retention is "1d-2h": a duration such as 90d, 36h or 1d12h, or forever, is wanted`}},
	{"a sweep out of range", "recording: {sweep: §0s}", []string{`sweep is "0s": from 1s to 24h is wanted`}},
	{"a deletion delay out of range", "recording: {deletion_delay: §91d}", []string{`deletion_delay is "91d": from 0s to 90d is wanted`}},
	{"a watermark that is no number", "recording: {free_alarm: §10%}",
		[]string{`free_alarm is a text: a whole number from 0 to 99 is wanted, without quotes`}},
	{"a refusal before the alarm", "recording: {free_alarm: 5, free_refuse: §10}",
		[]string{`free_refuse is 10, free_alarm 5: the alarm comes first`}},
	{"a key that is none", "recording: {encryption: {recipients: [§age1oops]}}",
		[]string{`recipients has "age1oops": an age public key is wanted, age1... as age-keygen prints it`}},
	{"a key twice", "recording: {encryption: {recipients: [" + aKey + ", §" + aKey + "]}}",
		[]string{`recipients names "` + aKey[:60] + `..." twice: once is enough`}},
	{"a private key", "recording: {encryption: {recipients: [§AGE-SECRET-KEY-1QQQ]}}",
		[]string{`recipients has a private key: keep it away from the switch and write the public one, which age-keygen -y prints`}},
	{"a format that is none", "recording: {archive: {format: §mp3}}", []string{`format is "mp3": it is one of wav, flac`}},
	{"a format for what cannot be read", "recording: {encryption: {file: keys.txt}, archive: {format: §flac}}",
		[]string{`format is flac: what is encrypted the switch cannot read, so it stays as it is; write format: wav`}},
	{"a share out of range", "recording: {archive: {cpu: §0}}", []string{`cpu is "0": a whole number from 1 to 100 is wanted`}},
	{"an age of the archive out of range", "recording: {archive: {after: §366d}}", []string{`after is "366d": from 0s to 365d is wanted`}},
	{"an unknown key of the recordings", "recording: {§retentoin: 90d}", []string{`unknown key "retentoin" in recording: did you mean "retention"?`}},

	{"a record that is no word of it", "queues: [{id: parcels, record: §sometimes}]",
		[]string{`record is "sometimes": it is one of always, never, on-demand`}},
	{"a formula with capitals", "queues: [{id: parcels, service_level: {formula: §Ignore}}]",
		[]string{`formula is "Ignore": did you mean "ignore"? It is one of ignore, negative, positive, answered, offered`}},
	{"a target above all", "queues: [{id: parcels, service_level: {target: §101}}]",
		[]string{`target is "101": a whole number from 1 to 100 is wanted`}},
	{"a first ring that is late", "queues: [{id: parcels, rings: [{after: §5s}]}]",
		[]string{"the first ring opens after 5s: it must be 0s, or calls that have just arrived fit nobody"}},
	{"rings out of order", "queues: [{id: parcels, rings: [{after: 0s}, {after: 20s}, {after: §20s}]}]",
		[]string{"a ring opens after 20s, the one before it after 20s: rings stand in the order in which they open"}},
	{"an unknown site", "queues: [{id: parcels, rings: [{sites: [chengdu, §bejing]}]}]",
		[]string{`there is no site "bejing": did you mean "beijing"?`}},
	{"a site twice", "queues: [{id: parcels, rings: [{sites: [chengdu, §chengdu]}]}]",
		[]string{`sites names "chengdu" twice: once is enough`}},
	{"a level too high", "queues: [{id: parcels, rings: [{skills: {parcels: §11}}]}]",
		[]string{`parcels is "11": a whole number from 1 to 10 is wanted`}},
	{"a skill without level", "queues: [{id: parcels, rings: [{skills: {§parcels: }}]}]",
		[]string{`skill "parcels" has no level: give one from 1 to 10`}},
	{"a misspelt skill", "queues: [{id: parcels, rings: [{skills: {§parcles: 3}}]}]",
		[]string{`no agent has the skill "parcles": did you mean "parcels"?`}},
	{"a skill's name with a space", "queues: [{id: parcels, rings: [{skills: {§a b: 3}}]}]",
		[]string{`skill "a b": a skill's name is up to 64 letters, digits and . _ -`}},
	{"an unknown overflow", "queues: [{id: parcels, overflow: §general}]",
		[]string{`there is no queue "general": defined are parcels`}},
	{"an overflow into itself", "queues: [{id: parcels, overflow: §parcels}]",
		[]string{`queue "parcels" overflows into itself: name another queue`}},
	{"overflows in a circle", "queues:\n- {id: parcels, overflow: §b}\n- {id: b, overflow: §c}\n- {id: c, overflow: §parcels}",
		[]string{`queue "parcels" overflows back into itself: a chain of overflows must end`,
			`queue "b" overflows back into itself: a chain of overflows must end`,
			`queue "c" overflows back into itself: a chain of overflows must end`}},

	// agents.
	{"an agent who can't be reached", `agents: [§{id: "8001"}]`,
		[]string{"agent without password and contact: its phone registers with the one or is found at the other, or the agent logs in with a pin at another phone"}},
	{"an agent on an unknown site", `agents: [{id: "8001", password: x, site: §chengd}]`,
		[]string{`there is no site "chengd": did you mean "chengdu"?`}},
	{"a contact that is no URI", `agents: [{id: "8001", contact: §"8001"}]`,
		[]string{`contact is "8001": a SIP URI is wanted, such as sip:8001@192.0.2.7:5060 or sip:192.0.2.7;transport=tcp`}},
	{"a level of 0", `agents: [{id: "8001", password: x, skills: {parcels: §0}}]`,
		[]string{`parcels is "0": a whole number from 1 to 10 is wanted`}},
	{"a password on two lines", `agents: [{id: "8001", password: §"s3cret\n"}]`,
		[]string{"password: a control character or line break in it: write it on one line"}},

	// The text itself.
	{"not YAML", `data: §"open`, []string{"not YAML: could not find end character of double-quoted text"}},
	{"a second document", "data: a\n---\n§data: b", []string{"a second document: a configuration is one document, without ---"}},
	{"faults everywhere at once", "sip: {§lisen: [], listen: §[]}\n\nmedia: {listen: §0.0.0.0}\n\n" +
		"numbers: [{number: '1', client: §airline, queue: parcels}]\n\n" +
		"queues: [{id: parcels, client: courier, answer: §never, overflow: §p, rings: [{skills: {§parcles: 1}}]}]\n\ndrain_timeout: §60",
		[]string{`unknown key "lisen" in sip: did you mean "listen"?`,
			"listen is empty: the switch needs one address at least, such as udp:127.0.0.1:5060",
			"listen is every address, so advertise must say which one callers send sound to",
			`number "1" is airline's, but its queue parcels is courier's: a client's calls wait in its own queue`,
			`answer is "never": it is one of queue, agent`,
			`there is no queue "p": defined are parcels`,
			`no agent has the skill "parcles": did you mean "parcels"?`,
			`drain_timeout is "60": a duration has a unit, such as 60s`}},
}

func TestEachFaultNamesItsPlaceAndWhatWouldBeRight(t *testing.T) {
	for _, c := range faultCases {
		t.Run(c.name, func(t *testing.T) {
			text, places := marked(with(c.sections))
			require.Len(t, places, len(c.faults))
			_, err := parse("switch.yaml", []byte(text), PortRange{})
			var faults Faults
			require.ErrorAs(t, err, &faults, text)
			var want []string
			for i, p := range places {
				want = append(want, fmt.Sprintf("switch.yaml:%d:%d: %s", p.line, p.col, c.faults[i]))
			}
			require.Equal(t, strings.Join(want, "\n"), faults.Error(), text)
			require.NotContains(t, faults.Error(), "s3cret")
			require.NotContains(t, faults.Error(), "s3 cret")
		})
	}
}

func TestAMissingSectionWithoutDefaultIsAFault(t *testing.T) {
	_, err := Parse("switch.yaml", nil)
	require.EqualError(t, err, strings.Join([]string{
		"switch.yaml:1:1: the key trunks is missing: it has no default; write trunks: [] for none",
		"switch.yaml:1:1: the key numbers is missing: it has no default; write numbers: [] for none",
		"switch.yaml:1:1: the key queues is missing: it has no default; write queues: [] for none",
		"switch.yaml:1:1: the key agents is missing: it has no default; write agents: [] for none",
	}, "\n"))
}

func TestNoSecretIsShownWhereverItStands(t *testing.T) {
	for _, value := range []string{`s3cret`, `[s3cret]`, `{s3cret: 1}`, `"s3cret\n"`, `"s3cret`, `!s3cret x`, `*s3cret`,
		`&s3cret x`, `"s3cret\q"`, "s3cret: x", "s3cret: x: y", "@s3cret", "`s3cret", "|\n s3cret", "' s3cret'", "1_000"} {
		for _, place := range []string{"http: {tokens: [{role: qa, token: %s}]}", "http:\n tokens:\n - token: %s\n   role: q",
			"agents:\n- id: x\n  site: nowhere\n  password: %s\n", "trunks:\n- id: x\n  username: \"\"\n  password: %s"} {
			_, err := Parse("switch.yaml", []byte(fmt.Sprintf(place, value)))
			require.Error(t, err)
			require.NotContains(t, err.Error(), "s3cret", "%s: %s", place, value)
		}
	}
}

func TestWarningsAreServedButTold(t *testing.T) {
	for _, c := range []struct{ name, sections, warning string }{
		{"ports the kernel uses", "media: {ports: §30000-40001}",
			"ports 30000-40001 overlap 32768-60999, from which the kernel serves other sockets: a call may find its port taken"},
		{"an open trunk", "trunks: [{id: t, peers: [§0.0.0.0/0]}]",
			"peer 0.0.0.0/0 lets anybody call in as trunk t without authentication"},
		{"a password that is the id", `agents: [{id: "8001", password: §8001, site: chengdu}]`,
			"the password of agent 8001 is its id: it is the first one that is tried"},
		{"a skill nobody has", "queues: [{id: parcels, rings: [{after: 0s}, {after: 5s, skills: {§mandarin: 1}}]}]",
			`no agent has the skill "mandarin" that queue parcels asks for`},
		{"a queue nobody serves", "queues: [§{id: parcels, rings: [{skills: {parcels: 6}}]}]",
			"no agent fits any ring of queue parcels: its calls can only wait"},
		{"fewer ports than channels", "media: {ports: §20000-20003}",
			"media.ports is enough for 1 calls, the trunks have 30 channels"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, places := marked(with(c.sections))
			config, err := parse("switch.yaml", []byte(text), PortRange{32768, 60999})
			require.NoError(t, err)
			require.Equal(t, Faults{{"switch.yaml", places[0].line, places[0].col, c.warning}}, config.Warnings)
		})
	}
}
