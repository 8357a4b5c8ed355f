package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// fake is a switch of canned answers that remembers what it was asked.
type fake struct {
	*httptest.Server
	mux   *http.ServeMux
	asked []string // METHOD PATH?QUERY
	sent  []string // bodies
}

const testToken = "the-token"

func newFake(t *testing.T) *fake {
	f := &fake{mux: http.NewServeMux()}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, err := body.ReadFrom(r.Body)
		require.NoError(t, err)
		f.asked = append(f.asked, r.Method+" "+r.URL.RequestURI())
		f.sent = append(f.sent, body.String())
		if r.Header.Get("Authorization") != "Bearer "+testToken {
			refuse(w, http.StatusUnauthorized, "who are you?")
			return
		}
		f.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// answer serves a JSON value at a pattern of http.ServeMux.
func (f *fake) answer(pattern string, v any) {
	f.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if text, ok := v.(string); ok {
			w.Write([]byte(text))
			return
		}
		json.NewEncoder(w).Encode(v)
	})
}

func refuse(w http.ResponseWriter, status int, detail string, errors ...string) {
	p := problem{Status: status, Title: http.StatusText(status), Detail: detail}
	for _, e := range errors {
		p.Errors = append(p.Errors, struct {
			Message  string `json:"message"`
			Location string `json:"location"`
		}{Message: e})
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(p)
}

// outcome is what one run of the program left.
type outcome struct {
	code           int
	stdout, stderr string
}

// run runs the program in an environment of pairs.
func run(t *testing.T, env map[string]string, args ...string) outcome {
	var out, errs bytes.Buffer
	m := Main{Stdout: &out, Stderr: &errs, Getenv: func(k string) string { return env[k] }}
	code := m.Run(t.Context(), args)
	return outcome{code, out.String(), errs.String()}
}

// ask runs the program against the fake with the right token.
func (f *fake) ask(t *testing.T, args ...string) outcome {
	return run(t, map[string]string{"SWITCHROOM_URL": f.URL, "SWITCHROOM_TOKEN": testToken}, args...)
}
