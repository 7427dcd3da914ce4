package event

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sampleRequest() Request {
	sent := time.Date(2026, 11, 21, 3, 9, 4, 359012823, time.UTC)
	return Request{
		Workspace: "default", Source: "src_1", Protocol: "segment",
		ReceivedAt: time.Date(2026, 11, 21, 3, 9, 5, 1, time.UTC),
		Calls: []Raw{
			{ID: "ajs-next-1", Type: "track", SentAt: sent, IP: "203.0.113.7", UserAgent: "Mozilla/5.0", JSON: []byte(`{"event":"Message Sent"}`)},
			{ID: "ajs-next-2", Type: "identify", SentAt: sent, IP: "203.0.113.7", UserAgent: "Mozilla/5.0", Retried: true, JSON: []byte(`{}`)},
			{ID: "é", Type: "page", Path: "page", BodyChars: 7, BodyHash: "abc", JSON: []byte(`{"name":"x"}`),
				Repairs: []Repair{{Code: "action_as_type", From: "track"}, {Code: "invalid_utf8"}}},
			{Type: "merge", Reject: &Reject{Code: "unknown_type", Message: "no"}},
		},
	}
}

func TestDecodeReturnsWhatWasAppended(t *testing.T) {
	f := func(r Request) {
		t.Helper()
		prefix := []byte("kept")
		data := AppendRequest(prefix, &r)
		if !strings.HasPrefix(string(data), "kept") {
			t.Fatalf("the bytes before the record are gone: %q", data)
		}
		got, err := DecodeRequest(data[len(prefix):])
		if err != nil {
			t.Fatalf("decode %+v: %v", r, err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Errorf("decoded differs (-want +got):\n%s", diff)
		}
	}
	f(Request{})
	f(sampleRequest())
	replay := sampleRequest()
	replay.Replay = true
	f(replay)
	masked := sampleRequest()
	masked.Calls[0].Masked = []Masked{{Rule: "email", N: 2}, {Rule: "card", N: 1}}
	f(masked)
	masked.Replay = true
	f(masked)
	f(Request{ReceivedAt: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), Calls: []Raw{{SentAt: time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC)}}})
	f(Request{Calls: []Raw{{JSON: []byte(strings.Repeat("x", 1<<20)), ID: strings.Repeat("i", 10_000)}}})
}

func TestDecodeRefusesEveryTruncation(t *testing.T) {
	r := sampleRequest()
	data := AppendRequest(nil, &r)
	for n := range data {
		if _, err := DecodeRequest(data[:n]); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("first %d of %d bytes: got %v, want ErrCorrupt", n, len(data), err)
		}
	}
	if _, err := DecodeRequest(append(data, 0)); !errors.Is(err, ErrCorrupt) {
		t.Fatalf("a byte too many: got %v, want ErrCorrupt", err)
	}
}

func TestDecodeRefusesOtherFormats(t *testing.T) {
	r := sampleRequest()
	data := AppendRequest(nil, &r)
	data[0] = maskedReplayFormat + 1
	if _, err := DecodeRequest(data); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "format 5") {
		t.Fatalf("got %v, want ErrCorrupt that names format 5", err)
	}
}

func TestDecodeSurvivesFlippedBytes(t *testing.T) {
	r := sampleRequest()
	data := AppendRequest(nil, &r)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		mutant := append([]byte(nil), data...)
		for range 1 + rnd.IntN(3) {
			mutant[rnd.IntN(len(mutant))] = byte(rnd.IntN(256))
		}
		checkDecode(t, mutant)
	}
}

// checkDecode holds the law that what decodes also survives another round.
func checkDecode(t *testing.T, data []byte) {
	t.Helper()
	r, err := DecodeRequest(data)
	if err != nil {
		if !errors.Is(err, ErrCorrupt) {
			t.Fatalf("decode %x: error %v does not wrap ErrCorrupt", data, err)
		}
		return
	}
	again, err := DecodeRequest(AppendRequest(nil, &r))
	if err != nil {
		t.Fatalf("decode %x: second round: %v", data, err)
	}
	if len(r.Calls) != len(again.Calls) || !r.ReceivedAt.Equal(again.ReceivedAt) {
		t.Fatalf("decode %x: second round gives %+v, want %+v", data, again, r)
	}
}

func FuzzDecodeRequest(f *testing.F) {
	r := sampleRequest()
	f.Add(AppendRequest(nil, &r))
	f.Add(AppendRequest(nil, &Request{}))
	r.Calls[0].Masked = []Masked{{Rule: "email", N: 2}}
	f.Add(AppendRequest(nil, &r))
	f.Add([]byte{requestFormat, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(checkDecode)
}

func BenchmarkAppendRequest(b *testing.B) {
	r := sampleRequest()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendRequest(buf[:0], &r)
	}
}

func BenchmarkDecodeRequest(b *testing.B) {
	r := sampleRequest()
	data := AppendRequest(nil, &r)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeRequest(data); err != nil {
			b.Fatal(err)
		}
	}
}
