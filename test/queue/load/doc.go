// Package load drives the lock-free queue and its baselines with the same
// closed-loop work and measures decisions. It belongs to the tests.
package load
