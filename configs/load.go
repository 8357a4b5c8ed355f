package configs

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// textMax bounds the text of a configuration. Ten thousand agents take 2 MB.
const textMax = 16 << 20

//go:embed default.yaml
var defaultText []byte

// Default returns the text of the built-in configuration, the one in force
// when none is named. It listens on 127.0.0.1 alone.
func Default() []byte { return append([]byte(nil), defaultText...) }

// Load reads and checks the file at path. The error is Faults, also when the
// file can't be read.
func Load(path string) (*Config, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, Faults{{File: path, Text: err.Error()}}
	}
	return Parse(path, text)
}

// Parse checks a configuration's text and returns what it says with the
// defaults filled in. The error is Faults, with name as their File.
func Parse(name string, text []byte) (*Config, error) {
	return parse(name, text, kernelPorts())
}

func parse(name string, text []byte, ephemeral PortRange) (*Config, error) {
	d := decoder{file: name, ephemeral: ephemeral, ids: map[kind]map[string]place{}}
	root := d.root(text)
	var c *Config
	if root != nil {
		c = d.config(root)
		d.resolve(c)
	}
	if len(d.faults) > 0 {
		return nil, d.faults.sorted()
	}
	sum := sha256.Sum256(text)
	c.Version = hex.EncodeToString(sum[:])[:12]
	c.Warnings = d.warnings.sorted()
	return c, nil
}

// readFile reads a file of at most textMax bytes.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plainError(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, textMax+1))
	if err != nil {
		return nil, plainError(err)
	}
	return text, nil
}

// plainError leaves out the path that os puts into its errors: a fault begins
// with it already.
func plainError(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("cannot %s the file: %w", path.Op, path.Err)
	}
	return err
}

// kernelPorts reads the range from which the kernel takes ports for sockets
// that ask for any. The zero range when there is none to read.
func kernelPorts() PortRange {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return PortRange{}
	}
	var r PortRange
	if _, err := fmt.Sscan(string(text), &r.Min, &r.Max); err != nil {
		return PortRange{}
	}
	return r
}
