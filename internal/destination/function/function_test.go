package function_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/destination"
	"github.com/debrief-dev/debrief/internal/destination/destinationtest"
	destinationfunction "github.com/debrief-dev/debrief/internal/destination/function"
	"github.com/debrief-dev/debrief/internal/function"
	"github.com/debrief-dev/debrief/internal/function/js"
	"github.com/debrief-dev/debrief/internal/metastore"
	"github.com/debrief-dev/debrief/internal/secret"
)

// code is what somebody writes to send calls to a place that Debrief does not know.
const code = `async function send(event, settings) {
  if (event.event === 'refuse me') throw new ValidationError('the place would not take it')
  const answer = await fetch(settings.url, { method: 'POST', body: JSON.stringify(event) })
  await answer.text()
  if (answer.status >= 500) throw new RetryError('' + answer.status)
}
const onTrack = send, onIdentify = send, onPage = send, onScreen = send, onGroup = send, onAlias = send`

// functions are those of a server, one for every address.
type functions struct {
	*function.Functions
	t  *testing.T
	mu sync.Mutex
	at map[string]string // ids by address
}

func newFunctions(t *testing.T) *functions {
	dir := t.TempDir()
	meta, err := metastore.Open(t.Context(), metastore.Config{Path: filepath.Join(dir, "debrief.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	engine := js.New(js.Config{Client: destinationtest.Env(t, dir).Client})
	t.Cleanup(func() { _, _ = engine.Close(), meta.Close() })
	f := function.New(function.Config{Workspace: metastore.DefaultWorkspace, Meta: meta, Secrets: secret.New(filepath.Join(dir, "secrets.key")), Engine: engine})
	return &functions{Functions: f, t: t, at: map[string]string{}}
}

// settings lead to a deployed function that sends to an address.
func (f *functions) settings(address string) destination.Settings {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at[address] == "" {
		name, kind, text, form := address, function.Destination, code, []api.FunctionSetting{{Name: "url", Type: "string"}}
		change := api.FunctionChange{Name: &name, Kind: &kind, Code: &text, Settings: &form, Values: map[string]json.RawMessage{"url": fmt.Appendf(nil, "%q", "http://"+address)}}
		one, err := f.CreateFunction(f.t.Context(), "ada", change)
		if err == nil {
			_, err = f.DeployFunction(f.t.Context(), one.ID, 1)
		}
		if err != nil {
			f.t.Fatal(err)
		}
		f.at[address] = one.ID
	}
	return destination.Settings{"function": f.at[address]}
}

// receiver notes what comes.
type receiver struct {
	mu  sync.Mutex
	ids []string
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var call struct{ MessageID string }
	if json.NewDecoder(request.Body).Decode(&call) != nil {
		http.Error(w, "no call", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = append(r.ids, call.MessageID)
}

func (r *receiver) arrived() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.ids...)
}

func TestLaws(t *testing.T) {
	f := newFunctions(t)
	destinationtest.Run(t, func(t *testing.T) destinationtest.Place {
		r := &receiver{}
		return destinationtest.Place{
			Destination: destinationfunction.Destination{Functions: f}, Arrived: r.arrived, Settings: f.settings, Blind: true,
			// What a status means is for the function to say.
			Address: strings.TrimPrefix(destinationtest.Serve(t, r), "http://"),
			Refused: func(m *destination.Message) {
				m.Call = []byte(strings.Replace(string(m.Call), "Stock Purchased", "refuse me", 1))
			},
		}
	})
}

func TestAFunctionThatIsNotThereIsTold(t *testing.T) {
	s := destinationtest.Open(t, destinationfunction.Destination{Functions: newFunctions(t)}, destination.Settings{"function": "fn_none"})
	if err := s.Test(t.Context()); err == nil {
		t.Error("Test says nothing")
	}
	if r := s.Send(t.Context(), []destination.Message{destinationtest.Track(1, "u")}); r[0].Err == nil {
		t.Error("the call counts as delivered")
	}
}
