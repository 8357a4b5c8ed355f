package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

// decodeField decodes one field of an object.
func decodeField(t *testing.T, text []byte, field string, dst any) bool {
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &all))
	require.NoError(t, json.Unmarshal(all[field], dst))
	return true
}

// shell runs a command of the program, as an administrator would.
func (w *World) shell(args ...string) (out string, ok bool) {
	w.t.Helper()
	cmd := exec.Command(program, append(args, "-c", w.path("switchroom.yaml"))...)
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}

// talkAs has a conversation of a second and gives its recording's id.
func (w *World) talkAs(caller, number string, records int) string {
	w.t.Helper()
	voice := w.Sound("caller", pcmu, 101)
	k := w.Gateway().Call(caller, number, voice.SDP("sendrecv"))
	k.sound = voice
	k.Answered()
	w.AgentIs("8001", "talking")
	time.Sleep(time.Second)
	k.Hangup()
	record := from(w.t, w.CDRs(records), caller)
	w.AgentIs("8001", "ready")
	w.Eventually(10*time.Second, "the recording is listed", func() bool {
		status, _ := w.Do("GET", "/api/v1/recordings/"+record.Recording, nil)
		return status == http.StatusOK
	})
	return record.Recording
}

func TestWhatIsPastItsTimeGoesAgainstACertificateUnlessItIsHeld(t *testing.T) {
	w := NewWorld(t, Options{Extra: "recording: {retention: 6s, deletion_delay: 1s, sweep: 1s}"})
	w.unplayed = true
	w.Phone(1, 0)
	held, gone := w.talkAs("13800001", "4008001234", 1), w.talkAs("13800002", "4008001234", 2)
	out, ok := w.shell("recordings", "hold", held, "--why", "case 7")
	require.True(t, ok, out)
	out, ok = w.shell("recordings", "delete", held, "--why", "request")
	require.False(t, ok)
	require.Contains(t, out, "legal hold")
	path := "/api/v1/recordings/" + gone
	w.Eventually(30*time.Second, "it is deleted", func() bool {
		status, _ := w.Do("GET", path, nil)
		return status == http.StatusGone
	})
	for _, what := range []string{"", "/audio", "/file"} {
		status, body := w.Do("GET", path+what, nil)
		require.Equal(t, 410, status)
		require.Contains(t, string(body), "by: recording")
	}
	time.Sleep(3 * time.Second)
	var r struct {
		File struct{ Hold struct{ Why string } }
	}
	w.Get("/api/v1/recordings/"+held, &r)
	require.Equal(t, "case 7", r.File.Hold.Why, "the hold beats the rule")
	out, ok = w.shell("recordings", "verify", gone, held, "--data", w.path("data"))
	require.True(t, ok, out)
	require.Contains(t, out, gone+": deleted ")
	require.Contains(t, out, "by rule: recording; certificate ")
	journal, err := exec.Command("sh", "-c", `cat "$1"/journal/* | grep -a -c recording.deleted`, "sh", w.path("data")).CombinedOutput()
	require.NoError(t, err, "the journal has the certificate: %s", journal)

	w.Kill()
	w.Start()
	status, _ := w.Do("GET", path, nil)
	require.Equal(t, 410, status, "after a crash too")
	out, ok = w.shell("recordings", "release", held, "--why", "closed")
	require.True(t, ok, out)
	w.Eventually(30*time.Second, "it is deleted as well", func() bool {
		status, _ := w.Do("GET", "/api/v1/recordings/"+held, nil)
		return status == http.StatusGone
	})
	out, ok = w.shell("recordings", "verify", "--data", w.path("data"))
	require.True(t, ok, out)
	require.Contains(t, out, "2 deleted with a certificate")
}

func TestEncryptedCallsAreHeardByTheOwnerOfTheKeyAlone(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	dir := t.TempDir()
	public, private := filepath.Join(dir, "public.txt"), filepath.Join(dir, "private.txt")
	require.NoError(t, os.WriteFile(public, []byte(key.Recipient().String()+"\n"), 0o600))
	require.NoError(t, os.WriteFile(private, []byte(key.String()+"\n"), 0o600))
	w := NewWorld(t, Options{Extra: "recording: {encryption: {file: " + public + "}}"})
	w.unplayed = true
	w.ExpectError("alarm")
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	time.Sleep(2 * time.Second)
	c.caller.Hangup()
	c.agent.HungUp()
	record := w.CDR()
	id := record.Recording
	var r recordingView
	w.Eventually(10*time.Second, "the recording is listed", func() bool {
		status, _ := w.Do("GET", "/api/v1/recordings/"+id, nil)
		return status == http.StatusOK
	})
	w.Get("/api/v1/recordings/"+id, &r)
	status, body := w.Do("GET", "/api/v1/recordings/"+id+"/audio", nil)
	require.Equal(t, 409, status)
	require.Contains(t, string(body), "encrypted for the owners of keys")
	status, body = w.Do("GET", "/api/v1/recordings/"+id+"/file", nil)
	require.Equal(t, 200, status)
	sum := sha256.Sum256(body)
	require.Equal(t, r.SHA256, hex.EncodeToString(sum[:]))
	require.Empty(t, w.wavFiles(), "nothing lies in the clear")

	out, ok := w.shell("recordings", "export", id, "-o", dir, "--identity", private)
	require.True(t, ok, out)
	wav, err := os.ReadFile(filepath.Join(dir, id+".wav"))
	require.NoError(t, err)
	tape := w.readWAV(wav)
	require.InDelta(t, r.Length, tape.Length(), 0.01)
	w.Holds(tape.Caller, "caller", 0.5, tape.Length()-0.5)
	w.Holds(tape.Agent, "agent", 0.5, tape.Length()-0.5)
	out, ok = w.shell("recordings", "verify", "--data", w.path("data"))
	require.True(t, ok, out)

	require.NoError(t, os.Remove(public)) // the key is lost
	w.alarmIs("key_missing", true)
	k := w.Gateway().Call("13800002", "4008001234", w.Sound("caller2", pcmu, 101).SDP("sendrecv"))
	k.Refused(503)
	require.NoError(t, os.WriteFile(public, []byte(key.Recipient().String()+"\n"), 0o600))
	w.alarmIs("key_missing", false)
	require.Empty(t, w.wavFiles())
}

func TestFinishedRecordingsBecomeFLACAndAreServedAsBefore(t *testing.T) {
	w := NewWorld(t, Options{Extra: "recording: {archive: {format: flac, after: 0s}}"})
	w.unplayed = true
	w.Phone(1, 0)
	id := w.talkAs("13800001", "4008001234", 1)
	var r struct {
		recordingView
		File struct {
			Form string
			Size int64
		}
	}
	w.Eventually(2*time.Minute, "the file is archived", func() bool {
		w.Get("/api/v1/recordings/"+id, &r)
		return r.File.Form == "flac"
	})
	require.Empty(t, w.wavFiles())
	res, whole := w.Ask("GET", "/api/v1/recordings/"+id+"/audio", nil, nil)
	require.Equal(t, "audio/wav", res.Header.Get("Content-Type"))
	sum := sha256.Sum256(whole)
	require.Equal(t, r.SHA256, hex.EncodeToString(sum[:]), "octet for octet the WAV that it was")
	_, part := w.Ask("GET", "/api/v1/recordings/"+id+"/audio", nil, http.Header{"Range": {"bytes=5000-5999"}})
	require.Equal(t, whole[5000:6000], part)
	res, flac := w.Ask("GET", "/api/v1/recordings/"+id+"/file", nil, nil)
	require.Equal(t, "audio/flac", res.Header.Get("Content-Type"))
	require.Equal(t, w.decoded("flac", flac), w.decoded("wav", whole), "a player hears the same samples")
	for _, more := range [][]string{nil, {"--decode"}} {
		out, ok := w.shell(append([]string{"recordings", "verify", "--data", w.path("data")}, more...)...)
		require.True(t, ok, out)
	}
	out, ok := w.shell("recordings", "export", id, "-o", w.Dir)
	require.True(t, ok, out)
	exported, err := os.ReadFile(w.path(id + ".wav"))
	require.NoError(t, err)
	require.Equal(t, whole, exported)
}

// decoded is what sox makes of a file.
func (w *World) decoded(form string, file []byte) []byte {
	w.t.Helper()
	cmd := exec.Command("sox", "-t", form, "-", "-t", "raw", "-e", "signed", "-b", "16", "-D", "-")
	cmd.Stdin = bytes.NewReader(file)
	var out, warnings bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &warnings
	require.NoError(w.t, cmd.Run(), warnings.String())
	require.NotZero(w.t, out.Len())
	return out.Bytes()
}
