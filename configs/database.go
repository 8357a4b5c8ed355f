package configs

import (
	"net/url"
	"slices"
	"strings"
)

// databaseSchemes are the ones of PostgreSQL's URLs.
var databaseSchemes = []string{"postgres", "postgresql"}

// database reads where the index and the reports' figures are kept: "" for the
// file in the data folder, or the URL of a PostgreSQL database. A password may
// stand in it, so it is never shown.
func (m *mapping) database(dst *string) {
	const key = "database"
	e, ok := m.take(key)
	if !ok {
		return
	}
	text, ok := m.d.text(e.value, key)
	if !ok || text == "" {
		return
	}
	at := position(e.value)
	const wanted = `"" or the URL of a PostgreSQL database is wanted, such as postgres://switch@db.example/calls or postgres:///calls?host=/run/postgresql`
	u, err := url.Parse(text)
	if err != nil { // its text would quote the URL
		m.d.fault(at, "%s is no URL: %s; signs such as @ : / in a password are written as %%40 %%3A %%2F", key, wanted)
		return
	}
	if !slices.Contains(databaseSchemes, u.Scheme) {
		if near := nearest(u.Scheme, databaseSchemes); near != "" && u.Scheme != "" {
			m.d.fault(at, "%s begins with %s: did you mean %s://?", key, quote(u.Scheme), near)
			return
		}
		m.d.fault(at, "%s is nothing that is known: %s", key, wanted)
		return
	}
	if u.Host == "" && u.Query().Get("host") == "" {
		m.d.fault(at, "%s names no host: %s", key, wanted)
		return
	}
	if name := strings.TrimPrefix(u.Path, "/"); name == "" || strings.Contains(name, "/") {
		m.d.fault(at, "%s names no database behind the host: %s", key, wanted)
		return
	}
	*dst = text
}
