// Package cli is the command line of Switchroom: its grammar, the commands
// that speak to a running switch over its HTTP API, and the forms in which
// results are printed.
//
// It owns the exit codes (0 done, 1 the work failed, 2 wrong usage) and that
// results go to stdout and all else to stderr. What runs a switch is given to
// it as Commands, so it knows nothing of SIP, media or how the rooms are
// wired. Main.Run may be called from any goroutine, and by tests as by the
// program.
package cli
