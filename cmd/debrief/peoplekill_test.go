package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPeopleSurviveKill kills the server while people sign in on second devices and are merged, each time after
// another while. In the end everybody is who calls and decisions say, and an undoing gives back the two of before.
func TestPeopleSurviveKill(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	const each = 20
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	dir := filepath.Join(t.TempDir(), "data")
	s := startChild(t, dir)
	defer func() { s.kill(t) }()
	api := func() *apiClient { return &apiClient{server: s.url, token: childToken, http: http.DefaultClient} }
	var want, merges []string
	for round := range rounds {
		var calls []string
		for n := range each {
			u := fmt.Sprintf("u%d-%02d", round, n)
			want = append(want, u)
			calls = append(calls, spoken(u+"-1", "", "laptop-"+u, ""), spoken(u+"-2", u, "laptop-"+u, u), spoken(u+"-3", "", "phone-"+u, ""), spoken(u+"-4", "", "phone-"+u, u))
		}
		rng.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
		sendBatch(t, s.url, calls)
		if err := awaitSettled(api()); err != nil {
			t.Fatal(err)
		}
		if round > 0 {
			var merged struct{ ID string }
			a, b := fmt.Sprintf("u%d-00", round-1), fmt.Sprintf("u%d-01", round-1)
			if err := api().do(t.Context(), http.MethodPost, "identity/merges", map[string]string{"a": a, "b": b}, &merged); err != nil {
				t.Fatal(err)
			}
			merges = append(merges, merged.ID)
			want = slices.DeleteFunc(want, func(u string) bool { return u == b })
		}
		delay := time.Duration(rng.IntN(1000)) * time.Millisecond
		<-time.After(delay)
		s.kill(t)
		s = startChild(t, dir)
		t.Logf("round %d: killed after %v", round, delay)
	}
	awaitPeople(t, api(), want)
	for n, id := range merges {
		if err := api().do(t.Context(), http.MethodPost, "identity/merges/"+id+"/undo", nil, nil); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf("u%d-01", n))
	}
	awaitPeople(t, api(), want)
}

// spoken is a message of somebody, or an identify call if there is an address.
func spoken(id, user, device, address string) string {
	call := `"type":"track","event":"Message Sent","properties":{"conversationId":"c-` + id + `","role":"customer","message_body":"hello"}`
	if address != "" {
		call = `"type":"identify","traits":{"email":"` + address + `@example.com"}`
	}
	if user != "" {
		call += `,"userId":"` + user + `"`
	}
	return `{"messageId":"people-survive-kill-` + id + `","anonymousId":"` + device + `",` + call + `}`
}

func sendBatch(t *testing.T, url string, calls []string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/batch", strings.NewReader(`{"batch":[`+strings.Join(calls, ",")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(childKey, "")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("sending: %s", resp.Status)
	}
}

// awaitPeople waits until the people with messages are those wanted, and no others.
func awaitPeople(t *testing.T, api *apiClient, want []string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	var got []string
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var page struct{ People []struct{ ID string } }
		if err := api.do(t.Context(), http.MethodGet, "people?limit=1000", nil, &page); err != nil {
			t.Fatal(err)
		}
		got = got[:0]
		for _, p := range page.People {
			got = append(got, p.ID)
		}
		slices.Sort(got)
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("people are\n%v\nwant\n%v", got, want)
		}
	}
}
