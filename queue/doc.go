// Package queue pairs waiting calls with free agents.
package queue
