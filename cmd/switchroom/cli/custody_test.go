package cli

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecordingsAreHeldReleasedAndDeletedWithAReason(t *testing.T) {
	f := newFake(t)
	f.answer("PUT /api/v1/recordings/{id}/hold", `{}`)
	f.answer("DELETE /api/v1/recordings/{id}/hold", `{}`)
	f.mux.HandleFunc("DELETE /api/v1/recordings/{id}", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, 409, "a legal hold lies on the recording")
	})
	f.answer("POST /api/v1/retention/trust-clock", `{"calendar":"2026-11-23T08:00:00.000Z"}`)
	got := f.ask(t, "recordings", "hold", "a", "b", "--why", "case 7")
	require.Equal(t, Done, got.code, got.stderr)
	require.Equal(t, "a held\nb held\n", got.stdout)
	require.Equal(t, "b released\n", f.ask(t, "recordings", "release", "b", "--why", "closed").stdout)
	got = f.ask(t, "recordings", "delete", "a", "--why", "request")
	require.Equal(t, Failed, got.code)
	require.Equal(t, "switchroom: recording a: a legal hold lies on the recording\n", got.stderr)
	require.Contains(t, f.ask(t, "recordings", "trust-clock", "--why", "compared").stdout, "recordings age by 2026-11-2")
	require.Equal(t, []string{"PUT /api/v1/recordings/a/hold", "PUT /api/v1/recordings/b/hold", "DELETE /api/v1/recordings/b/hold?why=closed",
		"DELETE /api/v1/recordings/a?why=request", "POST /api/v1/retention/trust-clock"}, f.asked)
	require.Equal(t, Usage, f.ask(t, "recordings", "hold", "a").code, "a reason is wanted")
}
