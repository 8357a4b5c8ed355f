package auth

import (
	"fmt"
	"time"
)

// Config is a server's. A zero field means the default in brackets.
type Config struct {
	Realm     string        // must be there, without quotes, backslashes and control characters
	Key       [32]byte      // of the nonces' HMAC: from crypto/rand, new at each start
	NonceLife time.Duration // how long a nonce may be used [5m]
	Ledger    int           // nonces whose counts are remembered [65536]
	Failures  int           // wrong guesses per address and user within Window until Block [10]
	Spray     int           // wrong guesses per address, whatever the user [100]
	Window    time.Duration // [60s]
	Block     time.Duration // [10m]
	Sources   int           // entries of each of the two tables of guesses [16384]
	Grace     time.Duration // how long a user who was right is exempt from its address's block [1h]
}

func (c Config) orDefaults() Config {
	def(&c.NonceLife, 5*time.Minute)
	def(&c.Ledger, 65536)
	def(&c.Failures, 10)
	def(&c.Spray, 100)
	def(&c.Window, time.Minute)
	def(&c.Block, 10*time.Minute)
	def(&c.Sources, 16384)
	def(&c.Grace, time.Hour)
	return c
}

func def[T int | time.Duration](v *T, value T) {
	if *v <= 0 {
		*v = value
	}
}

func (c *Config) check() error {
	if c.Realm == "" || !quotable(c.Realm) {
		return fmt.Errorf("%w: realm %q", ErrConfig, c.Realm)
	}
	if c.Key == [32]byte{} {
		return fmt.Errorf("%w: no key", ErrConfig)
	}
	return nil
}
