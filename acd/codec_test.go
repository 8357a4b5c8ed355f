package acd

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// fill sets every field that a struct has, whatever fields it may get.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("s", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 8)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`{"a":["}",{"b":"\"]"}]}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(int64(*n), 123_000_000).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic(v.Type().String())
	}
}

func TestTheCodecKnowsEveryField(t *testing.T) {
	require.True(t, codecKnowsAll, "a field was added: teach it to encode.go and decode.go, and count it in codecKnowsAll")
	var ev, back Event
	n := 0
	fill(reflect.ValueOf(&ev).Elem(), &n)
	require.NotNil(t, ev.CDR.Answered)
	want, err := json.Marshal(&ev)
	require.NoError(t, err)
	got, err := AppendEvent([]byte("x"), &ev)
	require.NoError(t, err)
	require.Equal(t, "x"+string(want), string(got))
	require.NoError(t, ParseEvent(want, &back))
	require.Equal(t, ev, back)
	want, err = json.Marshal(&ev)
	require.NoError(t, err)
	r := jsonReader{b: want}
	back = Event{}
	r.event(&back)
	require.False(t, r.odd, "read without encoding/json, up to byte %d", r.at)
	require.Equal(t, ev, back)

	var cdr CDR
	text, err := AppendCDR(nil, ev.CDR)
	require.NoError(t, err)
	require.NoError(t, ParseCDR(text, &cdr))
	require.Equal(t, *ev.CDR, cdr)
	text, err = AppendDecision(nil, ev.Decision)
	require.NoError(t, err)
	want, err = json.Marshal(ev.Decision)
	require.NoError(t, err)
	require.Equal(t, string(want), string(text))
}

func TestEventsAreWrittenAsEncodingJSONDoes(t *testing.T) {
	texts := rapid.OneOf(rapid.SampledFrom([]string{"", "8001", "李伟", "<&>", "\u2028", "a\"b\\c", "\xff\xfe", "\x00\t\n", "\x7f"}), rapid.String())
	floats := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1e-7, 1e21, 0.1, math.NaN(), math.Inf(1)}))
	times := rapid.Custom(func(t *rapid.T) time.Time {
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "offset"))
		return time.Unix(rapid.Int64Range(-1<<33, 1<<33).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).In(zone)
	})
	rapid.Check(t, func(rt *rapid.T) {
		ev := Event{Seq: rapid.Uint64().Draw(rt, "seq"), Time: times.Draw(rt, "time"), Mono: rapid.Int64().Draw(rt, "mono"),
			Kind: Kind(texts.Draw(rt, "kind")), Boot: texts.Draw(rt, "boot"), Agent: texts.Draw(rt, "agent"), Cause: texts.Draw(rt, "cause"),
			Seconds: floats.Draw(rt, "seconds"), Status: rapid.Int().Draw(rt, "status"), Dialog: texts.Draw(rt, "dialog")}
		if rapid.Bool().Draw(rt, "record") {
			at := times.Draw(rt, "answered")
			ev.CDR = &CDR{ID: texts.Draw(rt, "id"), Started: times.Draw(rt, "started"), Answered: &at, Waited: floats.Draw(rt, "waited"),
				Segments: rapid.SliceOf(rapid.Custom(func(t *rapid.T) Segment {
					return Segment{Kind: texts.Draw(t, "kind"), Agent: texts.Draw(t, "agent"), Start: floats.Draw(t, "start")}
				})).Draw(rt, "segments"), ClockStepped: rapid.Bool().Draw(rt, "stepped")}
		}
		want, wantErr := json.Marshal(&ev)
		got, err := AppendEvent(nil, &ev)
		if wantErr != nil {
			require.Error(rt, err)
			return
		}
		require.NoError(rt, err)
		require.Equal(rt, string(want), string(got))
		var back, std Event
		require.NoError(rt, ParseEvent(got, &back))
		require.NoError(rt, json.Unmarshal(want, &std))
		require.Equal(rt, std, back)
		if h, ok := PeekEvent(got); ok {
			require.Equal(rt, string(std.Kind), string(h.Kind))
			require.Equal(rt, std.Mono, h.Mono)
			require.Equal(rt, std.Boot, string(h.Boot))
		}
	})
}

func FuzzParseEvent(f *testing.F) {
	var ev Event
	n := 0
	fill(reflect.ValueOf(&ev).Elem(), &n)
	text, err := json.Marshal(&ev)
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"seq":1,"seq":2,"detail":"\\"}`))
	f.Add([]byte(` {"SEQ": 1 , "cdr":null,"decision":{"seq":01}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var std, got Event
		if json.Unmarshal(b, &std) != nil {
			_ = ParseEvent(b, &got) // no panic
			PeekEvent(b)
			return
		}
		require.NoError(t, ParseEvent(b, &got))
		a, err := json.Marshal(&std)
		require.NoError(t, err)
		c, err := json.Marshal(&got)
		require.NoError(t, err)
		require.Equal(t, string(a), string(c))
	})
}

// usual is an event of the kind that every call has several of.
var usual = Event{Seq: 123456, Time: time.Unix(1772323200, 123456789).UTC(), Mono: 98765432101, Boot: "0197e0a5-7b3c-7d1e-9f00-0123456789ab",
	Kind: AgentChanged, Call: "0197e0a5-7b3c-7d1e-9f00-0123456789ac", Agent: "8001", Site: "chengdu", State: "ringing", Was: "reserved", Cause: "phase", Seconds: 0.123}

func TestWritingAnEventAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 4096)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		b, err := AppendEvent(buf, &usual)
		if err != nil || len(b) == 0 {
			t.Fatal(err)
		}
	}))
}

func BenchmarkAppendEvent(b *testing.B) {
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = AppendEvent(buf, &usual)
	}
}

func BenchmarkParseEvent(b *testing.B) {
	text, err := AppendEvent(nil, &usual)
	require.NoError(b, err)
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		var ev Event
		for b.Loop() {
			_ = ParseEvent(text, &ev)
		}
	})
	b.Run("head", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			PeekEvent(text)
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var ev Event
			_ = json.Unmarshal(text, &ev)
		}
	})
}
