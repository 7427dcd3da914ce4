package demo

import (
	"regexp"
	"strings"
)

// topic is something people ask a stock-trading copilot about: how they say it, and how the copilot
// answers when it works and when it does not. {s} is a stock symbol, {n} a number, {c} a company.
type topic struct {
	name      string
	weight    float64
	questions []string
	followUps []string
	answers   []string
	failures  []string
	tool      [2]string // type and name of the tool that the answer uses, if any
	component string    // shown with the answer, if any
	quality   float64   // 0…1: how often the answer is right
	buys      float64   // how often a conversation ends in a purchase when it went well
	charts    bool      // broken by the release of week three
	help      bool      // asked in the help centre
}

var symbols = [][2]string{{"NVDA", "NVIDIA"}, {"AAPL", "Apple"}, {"MSFT", "Microsoft"}, {"TSLA", "Tesla"}, {"AMZN", "Amazon"}, {"GOOG", "Alphabet"}, {"AMD", "AMD"}, {"SAP", "SAP"}, {"SHEL", "Shell"}, {"DOGE", "Dogecoin"}}

var topics = []topic{
	{
		name: "price", weight: 0.22, quality: 0.9, buys: 0.2, charts: true,
		questions: []string{"What's the price of {s} right now?", "how is {s} doing today", "{s} price?", "Is {c} up or down this week?", "Show me the chart of {s}", "Can you plot {s} over the last month?"},
		followUps: []string{"And over the last year?", "what about {s}?", "compare it with {s} please", "why did it move like that?"},
		answers:   []string{"{s} trades at ${n}.42, up 1.3 % today. Here is the chart of the day.", "{c} is at ${n}.10 after a quiet morning. The chart shows the last session.", "Here is {s}: ${n}.77, 0.8 % below yesterday's close."},
		failures:  []string{"Sorry, I can't show that chart right now. Please try again later.", "Something went wrong while loading the chart for {s}.", "I am not able to display prices at the moment."},
		tool:      [2]string{"Market data", "get stock price"}, component: "Stock Price Chart",
	},
	{
		name: "compare", weight: 0.12, quality: 0.85, buys: 0.15, charts: true,
		questions: []string{"Compare {s} and AMD for me", "which is better for the long run, {s} or MSFT?", "list the best tech stocks this month", "What's the best stock in the Nasdaq right now?"},
		followUps: []string{"sort by dividend", "only the ones below ${n}", "and their price/earnings ratios?"},
		answers:   []string{"Here are the five with the strongest month, {s} among them.", "{s} has grown faster, MSFT swings less. The table has the figures side by side.", "I listed them with price, change and volume."},
		failures:  []string{"I could not load the list. Please try again.", "I don't have enough data to compare those."},
		tool:      [2]string{"Market data", "list stocks"}, component: "Stock Table",
	},
	{
		name: "buy", weight: 0.18, quality: 0.88, buys: 0.62,
		questions: []string{"Buy {n} shares of {s}", "I want to purchase {s}", "how do I buy {c} stock here?", "place an order for {n} {s}"},
		followUps: []string{"make it {n} instead", "at market price", "what are the fees?", "yes, go ahead"},
		answers:   []string{"Here is an order for {n} shares of {s}. Check the amount and confirm.", "I prepared the purchase of {s}; you can change the number before you confirm.", "The order form for {c} is ready below."},
		failures:  []string{"I can't place orders for {s} in your region.", "The order could not be prepared. Please contact support."},
		tool:      [2]string{"Orders", "prepare order"}, component: "Stock Purchase",
	},
	{
		name: "portfolio", weight: 0.12, quality: 0.86, buys: 0.12, charts: true,
		questions: []string{"How is my portfolio doing?", "What did I earn this year", "show my positions", "Am I too heavy in tech?"},
		followUps: []string{"since January?", "without {s}?", "what would you sell?"},
		answers:   []string{"Your positions gained 4.2 % this year, {s} the most. The table has each of them.", "About {n} % of your money is in technology; {s} is the largest position.", "Here are your positions with today's change."},
		failures:  []string{"I can't reach your portfolio right now.", "I only see part of your positions, so I'd rather not add them up."},
		tool:      [2]string{"Account", "read positions"}, component: "Portfolio Table",
	},
	{
		name: "news", weight: 0.10, quality: 0.8, buys: 0.1,
		questions: []string{"Any news about {c}?", "why is {s} falling", "What happened to {s} today?", "summarise the earnings call of {c}"},
		followUps: []string{"where did you read that?", "is that good or bad for the price?", "shorter please"},
		answers:   []string{"{c} reported revenue above what analysts expected; the outlook was careful.", "Two things moved {s}: a new contract, and a downgrade by one bank.", "In short: growth is slower, margins held, and {n} jobs will be cut."},
		failures:  []string{"I have no news about {c}.", "I don't know. My knowledge may be out of date."},
		tool:      [2]string{"Search", "search news"}, component: "News List",
	},
	{
		name: "picture", weight: 0.04, quality: 0.75, buys: 0.05,
		questions: []string{"Draw {s} as a rollercoaster", "make a picture for my newsletter about {c}", "read me the summary aloud"},
		followUps: []string{"with more colour", "as a gif please"},
		answers:   []string{"Here you are.", "I made one with the last twelve months of {s}."},
		failures:  []string{"I can't make pictures of companies."},
	},
	{
		name: "export", weight: 0.09, quality: 0.7, help: true,
		questions: []string{"How can I export my data?", "download my transactions as csv", "Where do I find my tax report?", "export last year's trades"},
		followUps: []string{"I don't see that button", "in Excel?", "for {n} only"},
		answers:   []string{"You can export your data from the Settings page: Settings → Data → Export.", "Open Reports, choose Transactions, then Download as CSV.", "The tax report is under Documents from the end of January."},
		failures:  []string{"I'm not sure where that is.", "Sorry, I did not understand the question."},
	},
	{
		name: "account", weight: 0.09, quality: 0.76, help: true,
		questions: []string{"I forgot my password", "change my email address", "why is my account locked?", "how do I turn on two-factor login", "delete my account"},
		followUps: []string{"I did not get the mail", "that did not work", "can a person help me?"},
		answers:   []string{"Choose Forgot password on the login page; the link works for an hour.", "You can change it under Settings → Profile.", "Two-factor login is under Settings → Security."},
		failures:  []string{"I can't help with that. Please contact support.", "Your account is locked for a reason I can't see."},
	},
	{
		name: "upgrade", weight: 0.04, quality: 0.85, buys: 0.4, help: true,
		questions: []string{"What does Pro cost?", "how do I upgrade", "difference between free and pro?"},
		followUps: []string{"monthly or yearly?", "can I cancel any time?"},
		answers:   []string{"Pro costs ${n} a month and has live prices and unlimited questions.", "Upgrade under Settings → Plan; it starts at once."},
		failures:  []string{"I don't have the prices at hand."},
	},
}

var rephrasings = []string{"no, I mean: {q}", "that's not what I asked. {q}", "{q}!!", "again: {q}", "still wrong. {q}"}

var thanks = []string{"thanks!", "great, thank you", "perfect, that helped", "ok thanks, bye"}

var comments = map[bool][]string{
	true:  {"quick and right", "exactly what I needed", "nice chart"},
	false: {"the chart never loads", "did not answer my question", "too slow", "had to ask three times"},
}

// Planted returns the name of what a question of the month is about, by the first words of its conversation;
// "" if it is none of them. It is what found topics are held against.
func Planted(question string) string {
	for _, t := range topics {
		for _, q := range t.questions {
			text := regexp.QuoteMeta(q)
			for _, gap := range []string{`\{s\}`, `\{c\}`, `\{n\}`} {
				text = strings.ReplaceAll(text, gap, ".+")
			}
			if regexp.MustCompile("^" + text + "$").MatchString(question) {
				return t.name
			}
		}
	}
	return ""
}
