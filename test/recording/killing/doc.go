// Package killing kills a process that records, again and again at random
// moments, and looks at what it leaves: every file must open in any player,
// hold what was said, and lack no more than its last 200 ms.
//
// The process is the caller's own executable, which must call [Child] first
// of all.
package killing
