package cli

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"switchroom/configs"
)

// tokenFile is where a switch without configured tokens keeps the one it made
// for its administrator, below its data folder.
const tokenFile = "admin.token"

// endpoint is where the running switch is asked, and as whom.
type endpoint struct {
	url   *url.URL
	token string
}

// endpoint finds the running switch: named on the command line or in the
// environment, else where the configuration puts it.
func (s *session) endpoint() (endpoint, error) {
	base := first(s.URL, s.Getenv("SWITCHROOM_URL"))
	token := first(s.Token, s.Getenv("SWITCHROOM_TOKEN"))
	if base == "" || token == "" {
		c, err := s.configuration()
		if err != nil {
			return endpoint{}, err
		}
		if base == "" {
			base = baseURL(c.HTTP.Listen)
		}
		if token == "" {
			token = administrator(c)
		}
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return endpoint{}, usageError{fmt.Errorf("%q is no address of a switch: http://HOST:PORT is wanted", base)}
	}
	u.Path, u.RawPath, u.RawQuery, u.Fragment = strings.TrimSuffix(u.Path, "/"), "", "", ""
	return endpoint{url: u, token: token}, nil
}

// configuration reads the one named, or the built-in one.
func (s *session) configuration() (*configs.Config, error) {
	if s.Config != "" {
		return configs.Load(s.Config)
	}
	return configs.Parse(builtIn, configs.Default())
}

// builtIn stands for the built-in configuration in faults.
const builtIn = "(built-in)"

// baseURL turns what a switch listens on into an address to ask it at.
func baseURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	if a, err := netip.ParseAddr(host); host == "" || err == nil && a.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// administrator gives the first token of an administrator, else the first of
// all. A switch without configured tokens made one for itself; "" when that
// can't be read.
func administrator(c *configs.Config) string {
	if i := slices.IndexFunc(c.HTTP.Tokens, func(t configs.Token) bool { return t.Role == "admin" }); i >= 0 {
		return c.HTTP.Tokens[i].Token
	}
	if len(c.HTTP.Tokens) > 0 {
		return c.HTTP.Tokens[0].Token
	}
	text, err := os.ReadFile(filepath.Join(c.Data, tokenFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// first gives the first text that isn't empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
