package main

// source is how predictions come about, and what scores them.
type source struct {
	scorer string // of the evaluation data: "failed" is failed.py
	file   string // of the labelled sets, without ending
	task   string // of "debrief analyze"; or
	train  string // the analyser whose training program predicts out of fold, because it trains on the file
	flag   string // one more flag of that program
}

// row is a line of the table.
type row struct {
	insight, figure string
	source
	path                       string // of the figure in what the scorer says
	lexicon, simple, best, aim string
}

// rows is the table. Baselines and aims are those the project set itself, on a private part of the same
// sets; this program does not measure them.
func rows() []row {
	failed := source{scorer: "failed", file: "failed_answer", train: "failed"}
	language := source{scorer: "language", file: "language", train: "language"}
	refusal := source{scorer: "refusal", file: "refusal_xstest", train: "refusal"}
	return []row{
		{"failed answer", "AP", failed, "headline.ap", ".716", ".900", "–", ".94"},
		{"failed answer", "AP, MultiWOZ", failed, "mwoz.ap", "", "", "", ""},
		{"failed answer", "AP, SGD", failed, "sgd.ap", "", "", "", ""},
		{"refusal", "F1", refusal, "all.f1", ".864", ".938", "people agree 96 %", ".955"},
		{"language", "accuracy, chat", language, "by_source.chat.accuracy", ".70 (whatlanggo)", "–", ".95 (lingua-go)", ".96"},
		{"language", "accuracy, three words", language, "by_source.udhr_3words.accuracy", "", "", "", ""},
	}
}

func (r row) how() string {
	if r.train != "" {
		return "trained on it, out of fold"
	}
	return "analyze --task " + r.task + ", never trained on it"
}
