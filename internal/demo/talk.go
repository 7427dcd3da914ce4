package demo

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Days of the month on which the prompt's versions changed: v7 is the regression of week three.
const (
	dayOfV7 = 14
	dayOfV8 = 21
)

// talk is one conversation being played.
type talk struct {
	*month
	p              *person
	topic          *topic
	version        string
	broken         bool // the release of week three hits this topic
	id, session    string
	now            time.Time
	symbol         [2]string
	messages       int
	lastAnswer     string
	wentWell, said bool
}

func newTalk(m *month, p *person, day int, at time.Time) *talk {
	t := &talk{month: m, p: p, now: at, id: m.id("conv"), session: m.id("sess"), version: "v6"}
	switch {
	case day >= dayOfV8:
		t.version = "v8"
	case day >= dayOfV7:
		t.version = "v7"
	}
	x := m.rng.Float64()
	for i := range topics {
		t.topic = &topics[i]
		if x -= t.topic.weight; x < 0 {
			break
		}
	}
	t.broken = t.topic.charts && t.version == "v7"
	t.symbol = symbols[int(float64(len(symbols))*math.Pow(m.rng.Float64(), 1.6))]
	m.convs++
	return t
}

// play sends the whole conversation.
func (t *talk) play() {
	if !t.p.known && t.rng.Float64() < 0.12 {
		t.p.known = true // signs in now; what was anonymous becomes theirs
	}
	t.p.meet(t.month, t.now)
	t.wait(0.2, 0.8)
	if !t.topic.help {
		t.page()
		t.track("Conversation Started", nil)
	}
	t.p.lastConversation = t.id
	turns := 1 + int(t.rng.ExpFloat64()*1.8)
	question := t.fill(t.oneOf(t.topic.questions))
	for range min(turns, 9) {
		good := t.turn(question)
		t.wentWell = good
		switch {
		case !good && t.rng.Float64() < 0.55:
			question = strings.ReplaceAll(t.oneOf(rephrasings), "{q}", question)
		case !good && t.rng.Float64() < 0.5:
			t.close() // gives up
			return
		default:
			question = t.fill(t.oneOf(t.topic.followUps))
		}
	}
	t.close()
}

// turn is a question and its answer, with what belongs to the answer. It reports whether it was right.
func (t *talk) turn(question string) bool {
	t.say(question)
	quality, slow := t.topic.quality, 1.0
	if t.broken {
		quality, slow = 0.12, 2.6
	}
	if t.rng.Float64() < 0.02 {
		return false // no answer came
	}
	good := t.rng.Float64() < quality
	if t.topic.tool[0] != "" && t.rng.Float64() < 0.8 {
		t.wait(0.2*slow, 0.9*slow)
		t.track("Action Invoked", map[string]any{"messageId": t.messageID(t.messages + 1), "type": t.topic.tool[0], "action": t.topic.tool[1], "role": "agent"})
	}
	t.wait(0.6*slow, 3.5*slow)
	if good {
		t.answer(t.fill(t.oneOf(t.topic.answers)))
		t.show()
	} else {
		t.answer(t.fill(t.oneOf(t.topic.failures)))
	}
	t.rate(good, false)
	return good
}

// show sends the component or media that comes with a good answer.
func (t *talk) show() {
	if t.topic.component != "" && t.rng.Float64() < 0.85 {
		t.wait(0.1, 0.4)
		name := "Component Loaded"
		if t.rng.Float64() < 0.03 {
			name = "Custom Component Loaded" // the live-chat spec's name for the same
		}
		t.track(name, map[string]any{"messageId": t.lastAnswer, "type": t.topic.component, "symbols": []string{t.symbol[0]}})
	}
	if t.topic.name == "picture" || t.rng.Float64() < 0.01 {
		kind := [][2]string{{"image", "gif"}, {"image", "png"}, {"audio", "wav"}, {"video", "mp4"}}[t.rng.IntN(4)]
		t.wait(1, 6)
		t.track("Media Generated", map[string]any{"messageId": t.lastAnswer, "type": kind[0], "sub_type": kind[1], "role": "agent"})
	}
}

// close plays the end: thanks, a purchase, a rating of the whole, an explicit end.
func (t *talk) close() {
	if t.wentWell && t.rng.Float64() < 0.25 {
		t.wait(3, 15)
		t.say(t.oneOf(thanks))
	}
	buys := t.topic.buys
	if t.broken {
		buys *= 0.2
	}
	if t.wentWell && t.rng.Float64() < buys {
		t.buy()
	}
	t.rate(t.wentWell, true)
	if !t.topic.help && t.rng.Float64() < 0.3 {
		t.wait(1, 20)
		t.track("Conversation Ended", map[string]any{"message_count": t.messages})
	}
}

// buy sends a purchase. Now and then it carries no conversation id, as in apps where another part
// of the page sends it.
func (t *talk) buy() {
	t.wait(5, 60)
	price, n := 20+t.rng.Float64()*400, 1+t.rng.IntN(20)
	price = math.Round(price*100) / 100
	if t.topic.help {
		t.screeb("screeb_copilot_conversion", map[string]any{"name": "Subscription started", "plan": "pro"})
		return
	}
	if t.rng.Float64() < 0.06 {
		t.track("Item Purchased", map[string]any{"messageId": t.lastAnswer, "itemId": "report-" + t.symbol[0], "itemName": t.symbol[1] + " research report", "itemPrice": 19.99, "currency": "USD"})
		return
	}
	call := map[string]any{"symbol": t.symbol[0], "numberOfShares": n, "price": price, "revenue": math.Round(price*float64(n)*100) / 100, "currency": "USD"}
	if t.rng.Float64() < 0.15 {
		t.emit(WebApp, t.now, t.p.who(map[string]any{"type": "track", "event": "Stock Purchased", "properties": call, "context": t.p.context()}))
		return
	}
	t.track("Stock Purchased", call)
}

// rate sends feedback now and then: thumbs on answers, stars on conversations.
func (t *talk) rate(good, whole bool) {
	share := 0.07
	if whole {
		share = 0.24
	}
	if t.rng.Float64() > share {
		return
	}
	t.wait(1, 8)
	mood := t.p.temper*0.6 + t.rng.NormFloat64()*0.6
	if good {
		mood += 1.2
	} else {
		mood -= 1.4
	}
	stars := int(math.Round(min(max(3+mood, 1), 5)))
	switch {
	case t.topic.help:
		t.screeb("screeb_copilot_satisfaction", map[string]any{"rating_scale": "1-5", "rating": stars})
	case whole:
		p := map[string]any{"rating": stars}
		if t.rng.Float64() < 0.3 {
			p["comment"] = t.oneOf(comments[stars >= 4])
		}
		t.track("Feedback Submitted", p)
	default:
		thumb := 0
		if mood > 0 {
			thumb = 1
		}
		t.track("Feedback Submitted", map[string]any{"messageId": t.lastAnswer, "rating": thumb, "rating_scale": "thumb"})
	}
}

// say sends a message of the person, after the time it takes to type it.
func (t *talk) say(text string) {
	if t.said {
		t.wait(4+float64(len(text))*0.05, 25+float64(len(text))*0.1)
	}
	t.said = true
	t.messages++
	if t.topic.help {
		t.screeb("screeb_copilot_user_prompt", map[string]any{"prompt": text})
		return
	}
	t.track("Message Sent", map[string]any{"messageId": t.messageID(t.messages), "message_body": text, "role": "customer"})
}

// answer sends a message of the copilot.
func (t *talk) answer(text string) {
	t.messages++
	t.lastAnswer = t.messageID(t.messages)
	if t.topic.help {
		t.screeb("screeb_copilot_response", map[string]any{"response": text})
		return
	}
	t.track("Message Received", map[string]any{"messageId": t.lastAnswer, "message_body": text, "role": "agent"})
}

func (t *talk) page() {
	t.emit(WebApp, t.now.Add(-40*time.Millisecond), t.p.who(map[string]any{
		"type": "page", "name": "Copilot", "properties": map[string]any{"path": "/copilot", "title": "Copilot", "url": "https://stocks.example.com/copilot"}, "context": t.p.context(),
	}))
}

// track sends a call of the conversation in the app.
func (t *talk) track(name string, props map[string]any) {
	t.call(WebApp, name, "conversationId", props)
}

// screeb sends a call of the conversation in the help centre.
func (t *talk) screeb(name string, props map[string]any) {
	t.call(HelpCentre, name, "conversation_id", props)
}

func (t *talk) call(source, name, conversationKey string, props map[string]any) {
	if props == nil {
		props = map[string]any{}
	}
	props[conversationKey] = t.id
	props["session_id"] = t.session
	props["prompt_version"] = t.version
	t.emit(source, t.now, t.p.who(map[string]any{"type": "track", "event": name, "properties": props, "context": t.p.context()}))
}

func (t *talk) messageID(n int) string { return t.id + "-m" + strconv.Itoa(n) }

// wait lets between a and b seconds pass.
func (t *talk) wait(a, b float64) {
	t.now = t.now.Add(time.Duration((a + (b-a)*t.rng.Float64()) * float64(time.Second))).Truncate(time.Millisecond)
}

func (t *talk) oneOf(texts []string) string { return texts[t.rng.IntN(len(texts))] }

func (t *talk) fill(text string) string {
	return strings.NewReplacer("{s}", t.symbol[0], "{c}", t.symbol[1], "{n}", strconv.Itoa(2+t.rng.IntN(98))).Replace(text)
}
