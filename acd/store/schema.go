package store

// The tables are described once, in words that each dialect spells its own
// way: {int}, {real}, {text}, {blob} are types, {rows} ends a table that is
// looked up by number and {keyed} one that is looked up by its key alone.
//
// All moments are wall-clock milliseconds since 1970 and all lengths
// nanoseconds, unless they are seconds in JSON. Texts that are ids sort by
// their bytes. Numbers are kept without a leading plus.

// migration takes the tables from the form before to this one.
type migration struct {
	form       int
	statements []string
}

// firstForm is the oldest form that can be migrated; an older one is made
// again from the journal.
const firstForm = 3

// migrations are all there are, in order; a new database goes through every
// one of them. What is here once is never changed, only added to.
var migrations = []migration{
	{form: firstForm, statements: []string{
		// How far the journal was folded, in the transaction that folded it.
		`CREATE TABLE projection (
			one     {int} PRIMARY KEY CHECK (one = 1),
			form    {int} NOT NULL,
			journal {blob} NOT NULL,
			next    {int} NOT NULL
		){rows}`,

		// One row a conversation; its legs and segments are in the JSON. Each
		// index is a way to find a page of a list in the list's order.
		`CREATE TABLE cdrs (
			id      {text} PRIMARY KEY,
			started {int} NOT NULL,
			ended   {int} NOT NULL,
			client  {text} NOT NULL,
			queue   {text} NOT NULL,
			agent   {text} NOT NULL,
			trunk   {text} NOT NULL,
			number  {text} NOT NULL,
			caller  {text} NOT NULL,
			cdr     {text} NOT NULL
		){rows}`,
		`CREATE INDEX cdrs_started ON cdrs (started, id)`,
		`CREATE INDEX cdrs_client ON cdrs (client, started, id)`,
		`CREATE INDEX cdrs_queue  ON cdrs (queue, started, id)`,
		`CREATE INDEX cdrs_agent  ON cdrs (agent, started, id)`,
		`CREATE INDEX cdrs_number ON cdrs (number, started, id)`,
		`CREATE INDEX cdrs_caller ON cdrs (caller, started, id)`,
		`CREATE INDEX cdrs_ended  ON cdrs (ended, started)`,

		`CREATE TABLE recordings (
			id      {text} PRIMARY KEY,
			started {int} NOT NULL,
			client  {text} NOT NULL,
			queue   {text} NOT NULL,
			agent   {text} NOT NULL,
			number  {text} NOT NULL,
			caller  {text} NOT NULL,
			length  {real} NOT NULL,
			item    {text} NOT NULL
		){rows}`,
		`CREATE INDEX recordings_started ON recordings (started, id)`,
		`CREATE INDEX recordings_client ON recordings (client, started, id)`,
		`CREATE INDEX recordings_queue  ON recordings (queue, started, id)`,
		`CREATE INDEX recordings_agent  ON recordings (agent, started, id)`,
		`CREATE INDEX recordings_number ON recordings (number, started, id)`,
		`CREATE INDEX recordings_caller ON recordings (caller, started, id)`,

		// The certificates of recordings that were deleted.
		`CREATE TABLE deletions (
			id     {text} PRIMARY KEY,
			client {text} NOT NULL,
			item   {text} NOT NULL
		){rows}`,

		// What calls came to, often before or after their records.
		`CREATE TABLE dispositions (
			call {text} PRIMARY KEY,
			text {text} NOT NULL
		){keyed}`,

		// Why each offer went to its agent. How it ended is in the call's row.
		`CREATE TABLE decisions (
			seq      {int} PRIMARY KEY,
			call     {text} NOT NULL,
			agent    {text} NOT NULL,
			client   {text} NOT NULL,
			at       {int} NOT NULL,
			decision {text} NOT NULL
		){rows}`,
		`CREATE INDEX decisions_call ON decisions (call, seq)`,

		// Stretches of agents' states that have ended. One that is longer than
		// a day is several rows, parts 0, 1, 2 ..., so that whatever reaches
		// into a day began in it or the day before.
		`CREATE TABLE spells (
			seq    {int} NOT NULL,
			part   {int} NOT NULL,
			agent  {text} NOT NULL,
			site   {text} NOT NULL,
			state  {text} NOT NULL,
			reason {text} NOT NULL,
			call   {text} NOT NULL,
			start  {int} NOT NULL,
			length {int} NOT NULL,
			PRIMARY KEY (seq, part)
		){keyed}`,
		`CREATE INDEX spells_start ON spells (start)`,

		// The state that each agent is in.
		`CREATE TABLE states (
			agent  {text} PRIMARY KEY,
			seq    {int} NOT NULL,
			site   {text} NOT NULL,
			state  {text} NOT NULL,
			reason {text} NOT NULL,
			call   {text} NOT NULL,
			boot   {text} NOT NULL,
			start  {int} NOT NULL,
			mono   {int} NOT NULL
		){keyed}`,

		// The last sign of life of each run of the switch.
		`CREATE TABLE boots (
			boot {text} PRIMARY KEY,
			mono {int} NOT NULL
		){keyed}`,
	}},

	// Reports read agents' time by these alone, without the rows.
	{form: 4, statements: []string{
		`DROP INDEX spells_start`,
		`CREATE INDEX spells_time ON spells (start, length, state, site, agent)`,
		`CREATE INDEX spells_work ON spells (start, length, call, site, agent) WHERE state = 'wrap-up'`,
	}},
}

// tableNames are all tables, for the one who takes them away.
var tableNames = []string{"projection", "cdrs", "recordings", "deletions", "dispositions", "decisions", "spells", "states", "boots"}

// table is one that the fold writes rows into, many with one statement.
type table struct {
	name     string
	columns  []string
	conflict string // what becomes of a row that is there already
}

const keep = "ON CONFLICT DO NOTHING"

var (
	cdrRows = &table{"cdrs", []string{"id", "started", "ended", "client", "queue", "agent", "trunk", "number", "caller", "cdr"}, keep}

	recordingRows = &table{"recordings", recordingColumns, `ON CONFLICT (id) DO UPDATE SET started = excluded.started,
		client = excluded.client, queue = excluded.queue, agent = excluded.agent, number = excluded.number,
		caller = excluded.caller, length = excluded.length, item = excluded.item`}
	foundRows        = &table{"recordings", recordingColumns, keep} // on disk, and perhaps known
	recordingColumns = []string{"id", "started", "client", "queue", "agent", "number", "caller", "length", "item"}

	dispositionRows = &table{"dispositions", []string{"call", "text"}, `ON CONFLICT (call) DO UPDATE SET text = excluded.text`}

	decisionRows = &table{"decisions", []string{"seq", "call", "agent", "client", "at", "decision"}, keep}
	spellRows    = &table{"spells", []string{"seq", "part", "agent", "site", "state", "reason", "call", "start", "length"}, keep}
	stateRows    = &table{"states", []string{"agent", "seq", "site", "state", "reason", "call", "boot", "start", "mono"},
		`ON CONFLICT (agent) DO UPDATE SET seq = excluded.seq, site = excluded.site, state = excluded.state,
		reason = excluded.reason, call = excluded.call, boot = excluded.boot, start = excluded.start, mono = excluded.mono`}
	bootRows = &table{"boots", []string{"boot", "mono"}, `ON CONFLICT (boot) DO UPDATE SET mono = excluded.mono`}

	allRows = []*table{cdrRows, recordingRows, foundRows, dispositionRows, decisionRows, spellRows, stateRows, bootRows}
)
