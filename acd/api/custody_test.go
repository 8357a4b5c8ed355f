package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"switchroom/acd/api"
	"switchroom/acd/store"
)

// fakeCustody keeps one recording of courier, encrypted.
type fakeCustody struct {
	hold  *api.Hold
	erred error
	deeds []string
}

func (f *fakeCustody) Kept(id string) (api.Kept, error) {
	return api.Kept{Form: "encrypted", Size: 7, SHA256: "abc", Hold: f.hold}, f.erred
}

func (f *fakeCustody) File(id string) (io.ReadSeekCloser, api.Kept, error) {
	k, err := f.Kept(id)
	return closer{strings.NewReader("SECRETS")}, k, err
}

func (f *fakeCustody) Hold(_ context.Context, id, client, who, why string) error {
	f.deeds = append(f.deeds, fmt.Sprintf("hold %s %s %s", id, client, why))
	f.hold = &api.Hold{Who: who, Why: why, At: api.Moment(began)}
	return f.erred
}

func (f *fakeCustody) Release(_ context.Context, id, client, who, why string) error {
	f.deeds = append(f.deeds, fmt.Sprintf("release %s %s %s", id, client, why))
	f.hold = nil
	return f.erred
}

func (f *fakeCustody) Erase(_ context.Context, id, who, why string) (store.Deletion, error) {
	if f.hold != nil {
		return store.Deletion{}, fmt.Errorf("%w: a legal hold lies on it", api.ErrConflict)
	}
	f.deeds = append(f.deeds, "erase "+id+" "+why)
	return store.Deletion{ID: id, Root: "feed", Rule: why, Who: who, At: began}, f.erred
}

func (f *fakeCustody) TrustClock(context.Context) (time.Time, error) { return began, f.erred }

func TestALegalHoldIsLaidShownAndLifted(t *testing.T) {
	w := newWorld(t)
	path := "/api/v1/recordings/" + pastCall
	rec := w.ask("t-admin", "PUT", path+"/hold", `{"why":"case 7"}`)
	require.Equal(t, 200, rec.Code, rec.Body)
	var r struct {
		Encrypted bool
		File      struct {
			Form string
			Hold struct{ Who, Why string }
		}
	}
	w.get(path, &r)
	require.Equal(t, "encrypted", r.File.Form)
	require.Equal(t, "case 7", r.File.Hold.Why)
	require.Contains(t, r.File.Hold.Who, "admin")
	require.Contains(t, problem(t, w.ask("t-admin", "DELETE", path+"?why=request", ""), 409), "legal hold")
	require.Equal(t, 200, w.ask("t-admin", "DELETE", path+"/hold?why=closed", "").Code)
	rec = w.ask("t-admin", "DELETE", path+"?why=request", "")
	require.Equal(t, 200, rec.Code, rec.Body)
	require.Contains(t, rec.Body.String(), `"root":"feed"`)
	require.Equal(t, []string{"hold " + pastCall + " courier case 7", "release " + pastCall + " courier closed", "erase " + pastCall + " request"}, w.custody.deeds)
	require.Equal(t, []string{"audit.hold", "audit.read", "audit.delete", "audit.release", "audit.delete"}, w.kinds())
}

// kinds lists what the journal holds.
func (w *world) kinds() (kinds []string) {
	require.NoError(w.t, w.journal.Commit(w.t.Context(), w.journal.Status().Next-1))
	r := w.journal.Read(1)
	defer r.Close()
	for {
		ev, err := r.Next()
		if err == io.EOF {
			return kinds
		}
		require.NoError(w.t, err)
		kinds = append(kinds, string(ev.Kind))
	}
}

func TestOnlyAnAdministratorHoldsAndDeletes(t *testing.T) {
	w := newWorld(t)
	path := "/api/v1/recordings/" + pastCall
	for _, token := range []string{"t-supervisor", "t-qa", "t-client"} {
		problem(t, w.ask(token, "PUT", path+"/hold", `{"why":"x"}`), 403)
		problem(t, w.ask(token, "DELETE", path+"/hold?why=x", ""), 403)
		problem(t, w.ask(token, "DELETE", path+"?why=x", ""), 403)
	}
	problem(t, w.ask("t-admin", "PUT", path+"/hold", `{"why":""}`), 422)
	problem(t, w.ask("t-admin", "DELETE", path, ""), 422)
	problem(t, w.ask("t-admin", "DELETE", "/api/v1/recordings/"+noCall+"?why=x", ""), 404)
	problem(t, w.ask("t-admin", "DELETE", "/api/v1/recordings/..%2f..%2fetc?why=x", ""), 404)
	require.Empty(t, w.custody.deeds)
}

func TestADeletedRecordingIsGoneForThoseWhoCouldSeeIt(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"", "/audio", "/file"} {
		path = "/api/v1/recordings/" + goneCall + path
		require.Contains(t, problem(t, w.ask("t-qa", "GET", path, ""), 410), "by: client courier")
		problem(t, w.ask("t-client", "GET", path, ""), 410)
		problem(t, w.ask("t-nobody", "GET", path, ""), 401)
	}
	problem(t, w.ask("t-admin", "PUT", "/api/v1/recordings/"+goneCall+"/hold", `{"why":"late"}`), 410)
}

func TestTheFileIsServedAsItIsKept(t *testing.T) {
	w := newWorld(t)
	rec := w.ask("t-client", "GET", "/api/v1/recordings/"+pastCall+"/file", "", "Range", "bytes=1-3")
	require.Equal(t, 206, rec.Code, rec.Body)
	require.Equal(t, "ECR", rec.Body.String())
	require.Equal(t, "application/vnd.switchroom.recording", rec.Header().Get("Content-Type"))
	require.Contains(t, rec.Header().Get("Content-Disposition"), pastCall+".swr")
	require.Equal(t, `"abc"`, rec.Header().Get("ETag"))
	problem(t, w.ask("t-client", "GET", "/api/v1/recordings/"+bankCall+"/file", ""), 404)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(w.ask("t-admin", "GET", "/api/openapi.json", "").Body.Bytes(), &doc))
	require.Contains(t, doc["paths"], "/api/v1/recordings/{id}/hold")
}
