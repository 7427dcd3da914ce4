package app

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/debrief-dev/debrief/internal/metastore"
)

func TestLabelsAreFieldsOfConversationsAtOnce(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, conversation()...)
	s.settle()
	labelled := func(label string) (total int) {
		t.Helper()
		var page struct{ Total int }
		s.get("conversations?filter=label:eq:"+label, &page)
		return page.Total
	}
	change := func(path, body string, want int) {
		t.Helper()
		if status, answer := s.do(http.MethodPost, path, body); status != want {
			t.Errorf("POST %s %s: %d %s, want %d", path, body, status, answer, want)
		}
	}
	var list struct {
		Conversations []struct {
			ID string `json:"conversation_id"`
		}
	}
	s.get("conversations", &list)
	id := list.Conversations[0].ID
	change("/api/v1/conversations/"+id+"/labels", `{"add":["bug","star"]}`, http.StatusOK)
	if labelled("bug") != 1 || labelled("star") != 1 {
		t.Errorf("after adding: bug %d, star %d", labelled("bug"), labelled("star"))
	}
	change("/api/v1/conversations/labels?filter=label:eq:bug", `{"add":["review"],"remove":["bug"]}`, http.StatusOK)
	if labelled("bug") != 0 || labelled("review") != 1 {
		t.Errorf("after the change of all: bug %d, review %d", labelled("bug"), labelled("review"))
	}
	change("/api/v1/conversations/nobody/labels", `{"add":["bug"]}`, http.StatusNotFound)
	change("/api/v1/conversations/"+id+"/labels", `{"add":[" bug"]}`, http.StatusBadRequest)
	change("/api/v1/conversations/"+id+"/labels", `{"add":["a|b"]}`, http.StatusBadRequest)
	change("/api/v1/conversations/"+id+"/labels", `{"add":["a"],"remove":["a"]}`, http.StatusBadRequest)
	change("/api/v1/conversations/"+id+"/labels", `{}`, http.StatusBadRequest)
}

// Labels that were changed while the event store could not be told are told at the next start.
func TestLabelsOfACrashAreTold(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir, nil)
	s.post(testKey, conversation()...)
	s.settle()
	var list struct {
		Conversations []struct {
			ID     string   `json:"conversation_id"`
			Labels []string `json:"labels"`
		}
	}
	s.get("conversations", &list)
	if err := s.meta.ChangeLabels(context.Background(), metastore.DefaultWorkspace, []string{list.Conversations[0].ID}, []string{"late"}, nil); err != nil {
		t.Fatal(err)
	}
	s.stop()
	s = start(t, dir, nil)
	s.get("conversations", &list)
	if got := strings.Join(list.Conversations[0].Labels, " "); got != "late" {
		t.Errorf("labels after the start: %q", got)
	}
}

func TestNotesAreSignedAndOfConversationsThatExist(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	s.post(testKey, conversation()...)
	s.settle()
	var list struct {
		Conversations []struct {
			ID string `json:"conversation_id"`
		}
	}
	s.get("conversations", &list)
	path := "/api/v1/conversations/" + list.Conversations[0].ID + "/notes"
	var events struct {
		Events []struct {
			ID string `json:"event_id"`
		}
	}
	s.get("events?where=conversation_id:eq:"+url.QueryEscape(list.Conversations[0].ID), &events)
	if len(events.Events) == 0 {
		t.Fatal("the conversation has no events")
	}
	if status, answer := s.do(http.MethodPost, path, `{"text":"look here","event_id":"nobody's"}`); status != http.StatusBadRequest || !strings.Contains(answer, "no event of this conversation") {
		t.Errorf("note on no event: %d %s", status, answer)
	}
	status, answer := s.do(http.MethodPost, path, `{"text":"look here","event_id":"`+events.Events[0].ID+`"}`)
	if status != http.StatusCreated || !strings.Contains(answer, `"author":"`) || strings.Contains(answer, `"author":""`) {
		t.Fatalf("add: %d %s", status, answer)
	}
	var notes struct{ Notes []struct{ ID, Text string } }
	s.get(strings.TrimPrefix(path, "/api/v1/"), &notes)
	if len(notes.Notes) != 1 || notes.Notes[0].Text != "look here" {
		t.Fatalf("notes: %+v", notes)
	}
	if status, _ := s.do(http.MethodDelete, "/api/v1/notes/"+notes.Notes[0].ID, ""); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	if status, _ := s.do(http.MethodPost, "/api/v1/conversations/nobody/notes", `{"text":"x"}`); status != http.StatusNotFound {
		t.Errorf("note on no conversation: %d", status)
	}
}

// A link shows what was said with personal data masked, and nothing of who said it, until it ends.
func TestSharedConversationIsMaskedAndEnds(t *testing.T) {
	s := start(t, t.TempDir(), nil)
	src := s.firstSource()
	status, answer := s.do(http.MethodPatch, "/api/v1/sources/"+src, `{"redaction":"off"}`)
	if status != http.StatusOK {
		t.Fatalf("switch redaction off: %d %s", status, answer)
	}
	s.post(testKey, call("1", "Message Sent", `"messageId":"m1","role":"customer","message_body":"I am Maria Gonzalez, write to ada@example.com <script>\nor call"`))
	s.settle()
	status, answer = s.do(http.MethodPost, "/api/v1/conversations/c1/shares", `{"days":1}`)
	var share struct{ ID, URL string }
	if err := json.Unmarshal([]byte(answer), &share); err != nil || status != http.StatusCreated {
		t.Fatalf("share: %d %s", status, answer)
	}
	page := func() (int, http.Header, string) {
		t.Helper()
		resp, err := http.Get(share.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, resp.Header, string(body)
	}
	status, header, body := page()
	if status != http.StatusOK || header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(header.Get("X-Robots-Tag"), "noindex") {
		t.Errorf("page: %d %v", status, header)
	}
	for _, want := range []string{"[name], write to [email] &lt;script&gt;", "<p dir=\"auto\">or call</p>"} {
		if !strings.Contains(body, want) {
			t.Errorf("page lacks %s:\n%s", want, body)
		}
	}
	if strings.Contains(body, "ada") {
		t.Errorf("page names the person:\n%s", body)
	}
	if status, _ := s.do(http.MethodDelete, "/api/v1/shares/"+share.ID, ""); status != http.StatusNoContent {
		t.Errorf("end: %d", status)
	}
	if status, _, body := page(); status != http.StatusNotFound || strings.Contains(body, "call") {
		t.Errorf("ended link: %d %s", status, body)
	}
}

// firstSource is the id of the first source.
func (s *server) firstSource() string {
	var list struct{ Sources []struct{ ID string } }
	s.get("sources", &list)
	return list.Sources[0].ID
}
