package store

// schemaVersion is the form of the tables. Whatever changes them or their
// meaning raises it; a file of another version is made again.
const schemaVersion = 2

// All moments are wall-clock milliseconds since 1970, all lengths nanoseconds
// unless they are seconds in JSON.
const schema = `
CREATE TABLE position (
	one     INTEGER PRIMARY KEY CHECK (one = 1),
	journal BLOB NOT NULL,
	next    INTEGER NOT NULL  -- the lowest number not folded yet
) STRICT;

CREATE TABLE arrivals (       -- calls without a record yet
	call   TEXT PRIMARY KEY,
	trunk  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cdrs (
	id      TEXT PRIMARY KEY,
	started INTEGER NOT NULL,
	ended   INTEGER NOT NULL,
	client  TEXT NOT NULL,
	queue   TEXT NOT NULL,
	agent   TEXT NOT NULL,
	number  TEXT NOT NULL,
	caller  TEXT NOT NULL,
	cdr     TEXT NOT NULL     -- JSON
) STRICT, WITHOUT ROWID;
CREATE INDEX cdrs_client ON cdrs (client, id);
CREATE INDEX cdrs_queue  ON cdrs (queue, id);
CREATE INDEX cdrs_agent  ON cdrs (agent, id);
CREATE INDEX cdrs_number ON cdrs (number, id);
CREATE INDEX cdrs_caller ON cdrs (caller, id);
CREATE INDEX cdrs_ended  ON cdrs (ended);

CREATE TABLE dispositions (   -- what calls came to, often before or after their records
	call TEXT PRIMARY KEY,
	text TEXT NOT NULL        -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE recordings (
	id      TEXT PRIMARY KEY,
	started INTEGER NOT NULL,
	client  TEXT NOT NULL,
	queue   TEXT NOT NULL,
	agent   TEXT NOT NULL,
	number  TEXT NOT NULL,
	caller  TEXT NOT NULL,
	length  REAL NOT NULL,    -- seconds
	item    TEXT NOT NULL     -- JSON
) STRICT, WITHOUT ROWID;
CREATE INDEX recordings_client ON recordings (client, id);
CREATE INDEX recordings_queue  ON recordings (queue, id);
CREATE INDEX recordings_agent  ON recordings (agent, id);
CREATE INDEX recordings_number ON recordings (number, id);
CREATE INDEX recordings_caller ON recordings (caller, id);

CREATE TABLE deletions (      -- of recordings
	id      TEXT PRIMARY KEY,
	client  TEXT NOT NULL,
	item    TEXT NOT NULL     -- JSON: the certificate
) STRICT, WITHOUT ROWID;

CREATE TABLE visits (         -- of calls to queues
	seq     INTEGER PRIMARY KEY, -- of the event that began it
	call    TEXT NOT NULL,
	queue   TEXT NOT NULL,
	client  TEXT NOT NULL,
	trunk   TEXT NOT NULL,
	entered INTEGER NOT NULL,
	wait    INTEGER NOT NULL DEFAULT 0,
	outcome TEXT NOT NULL DEFAULT 'waiting',
	agent   TEXT NOT NULL DEFAULT '',
	site    TEXT NOT NULL DEFAULT '',
	cause   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX visits_call    ON visits (call, seq);
CREATE INDEX visits_queue   ON visits (queue, entered, outcome, wait);
CREATE INDEX visits_entered ON visits (entered);

CREATE TABLE offers (         -- of calls to agents
	seq      INTEGER PRIMARY KEY, -- of the event that began it
	call     TEXT NOT NULL,
	agent    TEXT NOT NULL,
	site     TEXT NOT NULL,
	queue    TEXT NOT NULL,
	client   TEXT NOT NULL,
	trunk    TEXT NOT NULL,
	at       INTEGER NOT NULL,
	ended    INTEGER NOT NULL DEFAULT 0,
	outcome  TEXT NOT NULL DEFAULT '',
	decision TEXT NOT NULL    -- JSON
) STRICT;
CREATE INDEX offers_call ON offers (call, seq);
CREATE INDEX offers_at   ON offers (at);

CREATE TABLE handles (        -- stretches in which an agent handled a call
	call   TEXT NOT NULL,
	n      INTEGER NOT NULL,
	agent  TEXT NOT NULL,
	site   TEXT NOT NULL,
	queue  TEXT NOT NULL,
	client TEXT NOT NULL,
	trunk  TEXT NOT NULL,
	at     INTEGER NOT NULL,  -- when it ended
	talk   INTEGER NOT NULL,  -- hold left out
	hold   INTEGER NOT NULL,
	PRIMARY KEY (call, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX handles_at ON handles (at);

CREATE TABLE spells (         -- stretches of an agent's state
	seq    INTEGER PRIMARY KEY, -- of the event that began it
	agent  TEXT NOT NULL,
	site   TEXT NOT NULL,
	state  TEXT NOT NULL,
	reason TEXT NOT NULL,
	call   TEXT NOT NULL,
	queue  TEXT NOT NULL,     -- of the call
	client TEXT NOT NULL,
	boot   TEXT NOT NULL,
	start  INTEGER NOT NULL,
	mono   INTEGER NOT NULL,
	length INTEGER NOT NULL DEFAULT -1 -- -1: it lasts
) STRICT;
CREATE INDEX spells_agent ON spells (agent, seq);
CREATE INDEX spells_open  ON spells (agent) WHERE length < 0;
CREATE INDEX spells_start ON spells (start);

CREATE TABLE boots (          -- the last sign of life of each run
	boot TEXT PRIMARY KEY,
	mono INTEGER NOT NULL,
	at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`
