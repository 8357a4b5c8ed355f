package cli

// grammar is the command line. Its tags are the help texts.
type grammar struct {
	global `embed:""`

	Serve      serveCmd      `cmd:"" help:"Run the switch."`
	Demo       demoCmd       `cmd:"" help:"Show the main job on loopback, with callers and phones of its own."`
	Check      checkCmd      `cmd:"" help:"Validate a configuration."`
	Reload     reloadCmd     `cmd:"" help:"Make the running switch read its configuration again."`
	Status     statusCmd     `cmd:"" help:"Show the running switch in one glance."`
	Agents     agentsCmd     `cmd:"" help:"Show agents and set their states."`
	Calls      callsCmd      `cmd:"" help:"Show live and finished calls, hang up, and say why an agent was chosen."`
	Queues     queuesCmd     `cmd:"" help:"Show queues."`
	Recordings recordingsCmd `cmd:"" help:"List, show, export and verify recordings."`
	Replay     replayCmd     `cmd:"" help:"Make the decisions of a journal again and compare them with those that were made; needs no running switch."`
	Webhooks   webhooksCmd   `cmd:"" help:"Show the programs that are told what happens, and how far each has come."`
	Report     reportCmd     `cmd:"" help:"Figures by interval: service level, waits, handle times, agents' time, traffic."`
	Rebuild    rebuildCmd    `cmd:"" help:"Make the index anew from the journal and the recordings, of a running switch or of one that is down."`
	Version    versionCmd    `cmd:"" help:"Print the program's version."`
}

// global is what every command understands.
type global struct {
	Config string `short:"c" placeholder:"FILE" help:"Configuration file; the built-in one if none is named. For the commands that ask a running switch: where it listens and a token."`
	URL    string `name:"url" placeholder:"URL" help:"Address of the running switch ($SWITCHROOM_URL; else from the configuration)."`
	Token  string `placeholder:"TOKEN" help:"Token for it ($SWITCHROOM_TOKEN; else the configuration's, else the one in its data folder)."`
	JSON   bool   `name:"json" help:"Print JSON for programs instead of tables for people."`
}

type agentsCmd struct {
	List agentsListCmd `cmd:"" default:"withargs" help:"List the agents (default)."`
	Show agentsShowCmd `cmd:"" help:"Show one agent."`
	Set  agentsSetCmd  `cmd:"" help:"Make an agent ready, not-ready or offline."`

	Unlock agentsUnlockCmd `cmd:"" help:"Let an agent call outside again who was refused too many numbers."`
}

type callsCmd struct {
	List    callsListCmd    `cmd:"" default:"withargs" help:"List the live calls (default)."`
	Show    callsShowCmd    `cmd:"" help:"Show one call, live or finished."`
	Hangup  callsHangupCmd  `cmd:"" help:"Release a live call."`
	Why     callsWhyCmd     `cmd:"" help:"Say why a live call was offered to whom."`
	History callsHistoryCmd `cmd:"" help:"List finished calls, newest first."`

	Dial      callsDialCmd      `cmd:"" help:"Have an agent call a number."`
	Transfer  callsTransferCmd  `cmd:"" help:"Hand a call's caller to an agent, a queue or a number outside."`
	Consult   callsConsultCmd   `cmd:"" help:"Have a call's agent talk to somebody while the caller hears music."`
	Third     callsThirdCmd     `cmd:"" help:"Say what becomes of a consultation."`
	Supervise callsSuperviseCmd `cmd:"" help:"Let a supervisor's phone into a call: listen, whisper, barge, take over."`
	Pull      callsPullCmd      `cmd:"" help:"Hand a waiting call to an agent past the queue's order."`
	Priority  callsPriorityCmd  `cmd:"" help:"Give a waiting call another priority."`
}

type queuesCmd struct {
	List queuesListCmd `cmd:"" default:"withargs" help:"List the queues (default)."`
	Show queuesShowCmd `cmd:"" help:"Show one queue."`
}

type recordingsCmd struct {
	List       recordingsListCmd    `cmd:"" default:"withargs" help:"List recordings, newest first (default)."`
	Show       recordingsShowCmd    `cmd:"" help:"Show one recording."`
	Export     recordingsExportCmd  `cmd:"" help:"Copy recordings out of the switch: a WAV and a JSON file each."`
	Play       recordingsPlayCmd    `cmd:"" help:"Play one recording, with its private key if it is encrypted."`
	Decrypt    recordingsDecryptCmd `cmd:"" help:"Turn encrypted files into WAVs; needs no running switch."`
	Hold       recordingsHoldCmd    `cmd:"" help:"Lay a legal hold on recordings: nothing deletes them until it is lifted."`
	Release    recordingsReleaseCmd `cmd:"" help:"Lift the legal hold on recordings."`
	Delete     recordingsDeleteCmd  `cmd:"" help:"Delete recordings now, each against a certificate."`
	TrustClock trustClockCmd        `cmd:"" help:"Say that the switch's clock is right after an outage, so that retention goes by it."`
	Verify     recordingsVerifyCmd  `cmd:"" help:"Check recordings in the data folder against their hashes; needs no running switch."`
}
