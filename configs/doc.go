// Package configs is the switch's configuration: one YAML file, read strictly
// into plain structs.
//
// Load and Parse find every fault of a text at once, each with its file, line
// and column, what was found and what would be right; a text with a fault gives
// no configuration. What is odd but can be served is a warning and rides along
// in Config.Warnings. The text of a fault or warning never holds a secret.
//
// The package owns the file's names, defaults and bounds, and the annotated
// sample files beside it. It knows nothing of how the rooms use a value. A
// Config is not changed after Parse returned it and may be read from any
// goroutine; a reload makes a new one and Diff says what is different.
package configs
