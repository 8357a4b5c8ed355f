//go:build !linux

package media

// defaultDriver makes the driver that engines use on this system.
func defaultDriver(v6 bool) (driver, error) { return newPortable(v6) }
